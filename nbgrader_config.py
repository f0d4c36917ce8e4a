"""nbgrader's settings for this course: its folders, and the stub that stands where an answer goes."""

from nbconvert.preprocessors import ClearMetadataPreprocessor as _ClearMetadata
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor as _Style
from nbconvert.preprocessors.sanitize import SanitizeHTML as _SanitizeHTML
from nbgrader import preprocessors as _steps

from dlkit.grading import hooks as _ours

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.course_id = "dlkit"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.solution_directory = "solutions"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your answer here"}
c.ClearSolutions.text_stub = "*Your answer here.*"

# Only answers are taken from a submission; see dlkit/grading/hooks.py.

c.Autograde.sanitize_preprocessors = [
    _steps.ClearOutput,
    _ours.RestoreSkeleton,
    _steps.DeduplicateIds,
    _steps.OverwriteKernelspec,
    _steps.OverwriteCells,
    _steps.CheckCellMetadata,
]
# Answers run in a sandbox, tests beside it; see dlkit/grading/judge.py.
c.Autograde.autograde_preprocessors = [
    _ours.IsolatedExecute,
    _steps.IgnorePattern,
    _ClearMetadata,
    _steps.LimitOutput,
    _steps.SaveAutoGrades,
    _steps.AssignLatePenalties,
    _steps.CheckCellMetadata,
]
# Feedback shows what each hidden check is called and what it says, never its code; and nothing that runs.
c.GenerateFeedback.preprocessors = [_steps.GetGrades, _steps.ClearHiddenTests, _SanitizeHTML, _Style]
c.GenerateFeedback.exporter_class = _ours.SafeHTMLExporter
c.SanitizeHTML.enabled = True
c.SanitizeHTML.tags = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
]
c.SanitizeHTML.attributes = {"*": ["style"], "a": ["href", "title"]}
c.SanitizeHTML.styles = [
    "background",
    "border",
    "border-collapse",
    "border-left",
    "color",
    "display",
    "flex-wrap",
    "font-family",
    "font-size",
    "font-weight",
    "gap",
    "justify-content",
    "margin",
    "max-width",
    "opacity",
    "overflow-wrap",
    "padding",
    "text-align",
    "vertical-align",
    "white-space",
    "width",
]

# No history file, and nothing but errors on a kernel's own stderr.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"]
