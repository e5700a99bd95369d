"""The commands of local mode: `python -m infra.local up|down|status|mail|demo`."""

import argparse
import os
import sys
from pathlib import Path

from infra.local import mail, stack
from infra.local.emulator import ENVIRONMENTS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("up", "start the stack in the background"),
        ("demo", "run a job on a clip, starting the stack if need be"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument(
            "--data",
            type=Path,
            default=os.environ.get("MEDIAJOBS_DATA") or None,
            help="a directory that keeps the data over a restart; also MEDIAJOBS_DATA",
        )
        command.add_argument(
            "--environments",
            type=int,
            default=ENVIRONMENTS,
            help=f"how many calls of one function may run at once; {ENVIRONMENTS} by default",
        )
        command.add_argument("--port", type=int, help=f"of the front door; {stack.PORT} if it is free")
        command.add_argument("--tls", action="store_true", help="serve https, with a throw-away certificate")
        if name == "demo":
            command.add_argument("--input", help="a file or URL instead of the clip that is made")
    commands.add_parser("down", help="stop the stack")
    commands.add_parser("status", help="say whether the stack is well")
    commands.add_parser("mail", help="show the mails that were sent")
    return parser.parse_args()


def _up(given: argparse.Namespace) -> stack.Local:
    return stack.up(data=given.data, port=given.port, tls=given.tls, environments=given.environments)


def main() -> int:
    """Run the command; the exit code."""
    given = _arguments()
    try:
        match given.command:
            case "up":
                local = _up(given)
                print(f"{local.url}  key and organization: {stack.DIRECTORY / 'local.json'}")
                print(f"console: {local.console_url}")
            case "down":
                print("stopped" if stack.down() else "not running")
            case "status":
                trouble = stack.trouble()
                print(trouble or f"up at {stack.Local.read(stack.DIRECTORY).url}")
                return 1 if trouble else 0
            case "mail":
                print(mail.show(stack.Local.read(stack.DIRECTORY).endpoint_url) or "no mail was sent")
            case "demo":
                from infra.local import demo

                return demo.run(_up(given), given.input)
    except stack.StackFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe stack goes on; `make down` stops it.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
