"""The checks, one session each: `nox --list` says which, `nox -s lint` runs one.

Arguments after `--` go to the session's own program: `nox -s tests -- tests/websocket -x`.
`.ci/run` calls the same sessions, with `--no-venv` where several share an environment.
"""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "layers", "tests"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")["project"]
PINS = {pin.split("==")[0]: pin for pin in PROJECT["optional-dependencies"]["lint"]}
"""The linters by name, each with its one version."""
OLDEST_PYTHON = PROJECT["requires-python"].removeprefix(">=")
NEWEST_PYTHON = max(
    (name.rpartition(" ")[2] for name in PROJECT["classifiers"] if "Python :: 3." in name),
    key=lambda version: int(version.partition(".")[2]),
)


def install(session: nox.Session, *what: str) -> None:
    """Install into the session's environment; with `--no-venv`, into the one that is active."""
    if session.venv_backend == "none":
        session.run("python", "-m", "pip", "install", "--quiet", *what)
    else:
        session.install(*what)


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite; what needs a browser, a hub or torch is skipped."""
    install(session, ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: style, likely mistakes, formatting."""
    install(session, PINS["ruff"])
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy on the package, the extension, the tests and everything else in Python."""
    install(session, ".[hub]", PINS["mypy"], PINS["nox"])
    session.run("mypy", *session.posargs)


@nox.session
def layers(session: nox.Session) -> None:
    """Import Linter: each layer imports only those below it."""
    install(session, PINS["import-linter"])
    session.run("lint-imports", env={"PYTHONPATH": "extension"})


@nox.session(venv_backend="none")
def web(session: nox.Session) -> None:
    """The browser's modules, in Node: types, lint, format and tests."""
    session.chdir(ROOT / "tests" / "web")
    session.run("npm", "ci", "--silent", "--no-audit", "--no-fund")
    session.run("npm", "run", "--silent", "check")
    session.run("npm", "test", "--silent")


@nox.session
def docs(session: nox.Session) -> None:
    """Every code block and example of the documentation, and that it names all there is."""
    install(session, ".[test]")
    session.run("pytest", "tests/docs", "tests/test_docs.py", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """The notebooks, run from the top: their outputs are those that they are stored with."""
    install(session, ".[test]")
    options = ("--nbval-sanitize-with", "notebooks/sanitize.cfg", "--nbval-current-env")
    found = session.posargs or ("notebooks",)
    session.run("pytest", "--nbval", *found, *options, "-p", "no:cacheprovider")


@nox.session
def browser(session: nox.Session) -> None:
    """The live view and the lab in a real JupyterLab, in the Chromium that is installed."""
    install(session, ".[browser]")
    session.run("pytest", *(session.posargs or ("tests/browser",)))


@nox.session
def hub(session: nox.Session) -> None:
    """Two users of a real JupyterHub, in the Chromium that is installed."""
    install(session, ".[hub]")
    folder = Path(session.create_tmp()) / "proxy"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tests" / "hub" / name, folder)
    quiet = ("--omit=dev", "--silent", "--no-audit", "--no-fund")
    session.run("npm", "ci", "--prefix", str(folder), *quiet, external=True)
    proxy = folder / "node_modules" / ".bin" / "configurable-http-proxy"
    env = {"CONFIGURABLE_HTTP_PROXY": str(proxy)}
    session.run("pytest", *(session.posargs or ("tests/hub",)), env=env)


@nox.session
def extras(session: nox.Session) -> None:
    """The tests of the large extras: Ultralytics with torch, OpenVINO, RapidOCR."""
    install(session, ".[ultralytics,openvino,scenetext,test]")
    found = session.posargs or (
        *("tests/models", "tests/tools/test_find_text.py"),
        *("tests/websocket/test_scene_text.py", "tests/websocket/test_read_tracks.py"),
    )
    # torch and Ultralytics warn in the name of whoever calls them
    session.run("pytest", "-W", "ignore::DeprecationWarning", *found)


@nox.session
def demo(session: nox.Session) -> None:
    """The demo, as a newcomer runs it."""
    install(session, ".")
    session.run("streamlab", "demo", "--out", str(Path(session.create_tmp()) / "demo"))


@nox.session(venv_backend="uv", python=OLDEST_PYTHON)
def oldest(session: nox.Session) -> None:
    """The test suite on the oldest version of every dependency that pyproject.toml allows."""
    session.install("--resolution", "lowest-direct", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python=NEWEST_PYTHON)
def newest(session: nox.Session) -> None:
    """The test suite on the newest Python that the classifiers of pyproject.toml name."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Which lines the suite runs; processes that are killed are not counted. Shown, not judged."""
    session.install("-e", ".[test]", PINS["coverage"])
    data = Path(session.create_tmp()) / "coverage"
    env = {"COVERAGE_FILE": str(data)}
    session.run("coverage", "erase", env=env)
    # measured whether or not all tests pass
    session.run("coverage", "run", "-m", "pytest", *session.posargs, env=env, success_codes=[0, 1])
    session.run("coverage", "combine", "--quiet", env=env)
    session.run("coverage", "report", env=env)
    if "CI" not in os.environ:
        session.run("coverage", "html", "--directory", str(data.with_suffix(".html")), env=env)
