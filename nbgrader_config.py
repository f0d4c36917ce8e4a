"""nbgrader's settings for this course: its folders, and the stub that stands where an answer goes."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.course_id = "dlkit"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.solution_directory = "solutions"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your answer here"}
c.ClearSolutions.text_stub = "*Your answer here.*"
