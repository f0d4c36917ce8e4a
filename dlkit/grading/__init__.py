"""Grading: reading what was handed in, running it, and writing down what came of it."""

import sys

# jsonschema, which nbformat imports, loads this grammar of internationalized addresses wherever it is installed: most
# of a second in every process, for a format that no notebook has. Where it is missing, jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
