"""The course's files: where its units are, how lessons are built, a learner's workspace and progress."""

import sys

# jsonschema, which nbformat imports, loads this grammar of internationalized addresses wherever it is installed: most
# of a second in every process, for a format that no notebook has. Where it is missing, jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
