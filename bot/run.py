"""`make run`: everything on one machine, in the right order, and all of it stopped again.

Knows the order: settings, ports, servers, tables, sample, processes, addresses to open. Does not
know what a process does. Whatever goes wrong is told in one line.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from types import FrameType

from bot.crew import Crew, Part, adopt_orphans, leave_nobody
from bot.embedded import Running, ServersError, start
from bot.embedded.processes import command
from bot.surroundings import check_wechat, environment, settled, simulated
from bot.terminal import complain, open_streams, say
from bot.web.access import board_key
from config.settings import ROOT, Settings, SettingsError, load
from config.tiers import TiersError, read_ladder

PORT_WITHIN_S = 3.0  # what a killed run left needs a moment to be gone
ANSWERS_WITHIN_S = 60.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotRunError(Exception):
    """Something is in the way; the text is one line that says what to do."""


class StopWantedError(BaseException):
    """Somebody asked us to end; not an Exception, so that nobody on the way swallows it."""


def main() -> int:
    """Run with the settings of the environment; the exit code of `run`."""
    open_streams()
    try:
        return run(load())
    except SettingsError as error:
        return refuse(str(error))


def run(settings: Settings) -> int:
    """Run everything that `settings` ask for; 0 when a signal stopped it.

    1, with one line on stderr, when something is in the way or a part ends by itself. Nothing
    that was started is left running. Call it from the main thread.
    """
    adopt_orphans()
    listen_for_signals()
    try:
        check(settings)
        ended = kept_going(settings)
        return refuse(f"{ended} by itself, so everything was stopped: see above why")
    except StopWantedError:
        say("Stopped. The data stay.")
        return 0
    except TiersError as error:
        return refuse(str(error))
    except (CannotRunError, ServersError, SettingsError) as error:
        return refuse(str(error))
    finally:
        leave_nobody()


def kept_going(settings: Settings) -> str:
    """Start all, and watch until one ends, which is said; whatever happens, all is stopped."""
    with ExitStack() as ending:
        say(f"Starting, with the data in {settings.data_dir} ...")
        running = ending.enter_context(servers(settings))
        settings = settled(settings, running)
        surroundings = process_environment(settings)
        prepare(settings, surroundings)
        crew = Crew(parts(settings), surroundings, ROOT)
        ending.callback(crew.stop)
        crew.start()
        return watch(crew, running, settings)


def listen_for_signals() -> None:
    for number in STOPPING:
        if number is not signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, stop_once)


def stop_once(number: int, frame: FrameType | None) -> None:
    del frame
    for other in STOPPING:
        signal.signal(other, signal.SIG_IGN)  # stopping takes bounded time and must not be cut
    raise StopWantedError(number)


def refuse(line: str) -> int:
    complain(f"hulianwang: {line}")
    return 1


def check(settings: Settings) -> None:
    """Everything that can be known to be wrong before anything is started."""
    check_wechat(settings)
    read_ladder(settings.tiers_file)
    if settings.port == settings.simulator_port and simulated(settings):
        raise CannotRunError("PORT and SIMULATOR_PORT must differ: set one of them to another")
    check_port("PORT", settings.port)
    if simulated(settings):
        check_port("SIMULATOR_PORT", settings.simulator_port)


def check_port(name: str, port: int) -> None:
    deadline = time.monotonic() + PORT_WITHIN_S
    while (trouble := why_not(port)) is not None:
        if time.monotonic() > deadline:
            remedy = f"stop what uses it, or set {name} to another"
            raise CannotRunError(f"{name} {port} cannot be had ({trouble}): {remedy}")
        time.sleep(0.1)


def why_not(port: int) -> str | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
        except OSError as error:
            return error.strerror
    return None


def servers(settings: Settings) -> Running:
    url = f"http://127.0.0.1:{settings.simulator_port}"
    return start(
        settings.data_dir,
        postgres=settings.database_url is None,
        redis=settings.redis_url is None,
        wechat_api_url=url if simulated(settings) else None,
    )


def process_environment(settings: Settings) -> dict[str, str]:
    """What our processes find in their environment, ours included."""
    web = f"http://127.0.0.1:{settings.port}"
    simulator = {
        "SIMULATOR_WEBHOOK": f"{web}/wechat",
        "SIMULATOR_PHONES": str(settings.data_dir / "phones.json"),
        "SIMULATOR_STRIP": f"{web}/board.json",
        "SIMULATOR_STRIP_KEY": board_key(settings.secret_key or ""),
    }
    return {**os.environ, **environment(settings), **(simulator if simulated(settings) else {})}


def prepare(settings: Settings, surroundings: dict[str, str]) -> None:
    """Tables, sample and phones, each by its command; what it says is passed on."""
    step(surroundings, "migrate")
    if settings.sample:
        step(surroundings, "sample")
    if simulated(settings):
        step(surroundings, "phones", str(settings.data_dir / "phones.json"))


def step(surroundings: dict[str, str], *arguments: str) -> None:
    words = command(sys.executable, ["-m", "bot", *arguments], dies_by=signal.SIGKILL)
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    say_decoded(done.stdout)
    if done.returncode != 0:
        say_decoded(done.stderr)  # its log, which nobody needs when all went well
        raise CannotRunError(
            f"`python -m bot {arguments[0]}` failed ({done.returncode}), see above"
        )


def say_decoded(output: bytes) -> None:
    said = output.decode("utf-8", "replace").rstrip()
    if said:
        say(said)


def parts(settings: Settings) -> list[Part]:
    """In the order in which they are asked to end."""
    ours = [
        Part("web", ("-m", "bot", "web")),
        Part("worker", ("-m", "workers")),
        Part("clock", ("-m", "workers.clock")),
    ]
    return [Part("simulator", ("-m", "bot.simulator")), *ours] if simulated(settings) else ours


def watch(crew: Crew, running: Running, settings: Settings) -> str:
    """Until a process ends, which is said; meanwhile, once all answer, say what to open."""
    told, deadline = False, time.monotonic() + ANSWERS_WITHIN_S
    while (ended := has_ended(crew, running)) is None:
        if not told and (answering(settings) or time.monotonic() > deadline):
            say(what_to_open(settings))
            told = True
        time.sleep(0.2)
    return ended


def has_ended(crew: Crew, running: Running) -> str | None:
    server, part = running.ended(), crew.ended()  # parts follow their server, so it goes first
    if server is not None:
        return f"the embedded {server} ended"
    return f"{part.name} ended ({part.how})" if part is not None else None


def answering(settings: Settings) -> bool:
    web = answers(settings.port, "/health")
    return web and (not simulated(settings) or answers(settings.simulator_port, "/"))


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def what_to_open(settings: Settings) -> str:
    web = f"http://127.0.0.1:{settings.port}"
    phones = f"  Phones to play with   http://127.0.0.1:{settings.simulator_port}/\n"
    return (
        "\n  户联网 is running. Open\n\n"
        + (phones if simulated(settings) else "")
        + f"  The service           {web}/health\n\n"
        "  Hours pass in seconds with   make run TIERS_FILE=config/tiers-fast.toml\n"
        "  Ctrl-C stops everything; the data stay.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
