"""What a learner does around the notebooks: welcome page, handing in from a notebook, quizzes, reviews, progress."""
