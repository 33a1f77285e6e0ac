"""What ends a command in one line: what an operator can mend."""

from typing import Any

import click


class TroubleError(click.ClickException):
    """What an operator can mend, in one line on stderr."""

    def show(self, file: Any = None) -> None:
        click.echo(" ".join(self.message.split()), file=file, err=file is None)


class WrongFileError(TroubleError):
    exit_code = 2
