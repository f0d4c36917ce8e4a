"""The `dlkit` command. Exit status: 0 done, 1 the work falls short, 2 wrong use; an error is one line on stderr."""

from __future__ import annotations

import difflib
import io
import os
import sys

import click

from dlkit import __version__
from dlkit.commands import interview, learner, progress, study, teacher, watch
from dlkit.course.errors import UserError

__all__ = ["main"]


class Commands(click.Group):
    """Commands in the order in which one meets them; a mistyped one is told the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.commands, n=1)
            hint = f"Did you mean `dlkit {near[0]}`?" if near else f"There are: {', '.join(self.commands)}."
            raise UserError(f"There is no command {name!r}. {hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dlkit")
@click.pass_context
def cli(context: click.Context) -> None:
    """Deep-learning interviews, learnt by doing: lessons whose exercises grade themselves.

    UNIT may be 5, 05, normalization or 05_normalization.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    learner.start, learner.check, watch.watch, learner.submit, progress.progress, progress.review, learner.reset,
    study.quiz, interview.interview, study.export_cards,
    teacher.build, teacher.grade, teacher.doctor,
):  # fmt: skip
    cli.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: nothing that a user may do wrong ends in a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    try:
        status = cli.main(arguments, prog_name="dlkit", standalone_mode=False)
        sys.stdout.flush()
    except UserError as error:
        _fail(str(error))
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" Try `{context.command_path} --help`." if context else ""
        _fail(f"{error.format_message()}{hint}")
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}.")
    sys.exit(status if isinstance(status, int) else 0)


def _fail(text: str) -> None:
    print(f"dlkit: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
