"""Concept questions as notebook text: the statement, the answer cell and the check of it."""

from __future__ import annotations

from textwrap import indent, wrap

from dlkit.questions.bank import Choice, Number, Open, Task

__all__ = ["choice_or_number", "open_question"]


def choice_or_number(question: Choice | Number) -> tuple[str, str, str]:
    """Markdown text, the answer cell's source (with the answer), the check cell's source."""
    name = f"q_{question.id}"
    if isinstance(question, Choice):
        options = [
            f"- **{letter}.** {option.text}" for letter, option in zip(question.letters, question.options, strict=True)
        ]
        text = "\n".join([question.text, "", *options])
        allowed = ", ".join(f'"{letter}"' for letter in question.letters[:-1]) + f' or "{question.letters[-1]}"'
        reason = next(option.reason for option in question.options if option.right)
        answer = _answer(name, f"Return {allowed}.", f'"{question.right}"', reason)
        return text, answer, _choice_check(question, name)
    task = question.task()
    return task.text, _answer(name, "Return a number.", repr(task.answer), task.explanation), _number_check(task, name)


def open_question(question: Open) -> tuple[str, str]:
    """Markdown text, and the model answer with its rubric."""
    rubric = "\n".join(f"- {point}" for point in question.rubric)
    text = f"{question.text}\n\n*Answer in a few sentences in the next cell; a person marks it.*"
    return text, f"{question.answer}\n\n**What earns marks**\n\n{rubric}"


def _answer(name: str, docstring: str, value: str, reason: str) -> str:
    comment = "\n".join(f"# {line}" for line in wrap(reason, 100))
    body = f"### BEGIN SOLUTION\n{comment}\nreturn {value}\n### END SOLUTION"
    return f'def {name}():\n    """{docstring}"""\n{indent(body, "    ")}'


def _choice_check(question: Choice, name: str) -> str:
    reasons = {
        letter: option.reason
        for letter, option in zip(question.letters, question.options, strict=True)
        if not option.right
    }
    body = "".join(f"        {letter!r}: {reason!r},\n" for letter, reason in reasons.items())
    return (
        'with check("one of the letters", weight=0):\n'
        f"    expect({name}).one_of({question.letters!r})\n"
        "### BEGIN HIDDEN TESTS\n"
        'with check("the right option"):\n'
        f"    expect({name}).chooses({question.right!r}, {{\n{body}    }})\n"
        "### END HIDDEN TESTS\n"
        "check.score()"
    )


def _number_check(task: Task, name: str) -> str:
    return (
        'with check("a finite number", weight=0):\n'
        f"    expect({name}).shape(()).finite()\n"
        "### BEGIN HIDDEN TESTS\n"
        'with check("the right number"):\n'
        f"    expect({name}).close({task.answer!r}, rtol={task.rtol!r})\n"
        "### END HIDDEN TESTS\n"
        "check.score()"
    )
