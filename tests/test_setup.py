"""What newcomers and administrators rely on: set-up, processes, containers, the configuration table."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import redis
import requests
import yaml
from django.conf import settings
from supervisor.options import ServerOptions

from ocrsite import install, launch, processes
from tests.support.stack import PASSWORD, USER, Platform, platform, wait_for

ROOT = Path(__file__).parent.parent
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
PLATFORM = [name for name, service in OURS.items() if "environment" in service]
"""Not the inference server, which knows neither settings nor secrets."""

# Names that other programs read.
FOREIGN = {"OMP_NUM_THREADS", "GLIBC_TUNABLES"}


def names_read_by(*sources: str) -> set[str]:
    """The environment variables that the code asks for."""
    asks = re.compile(r"""(?:env\.\w+|env_\w+|environ\.get|environ)[(\[]\s*"([A-Z][A-Z0-9_]+)\"""")
    return {name for source in sources for name in asks.findall((ROOT / source).read_text())}


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", CONFIGURATION, re.MULTILINE))


# The configuration table


def test_the_table_names_exactly_the_variables_that_are_read():
    read = names_read_by("ocrsite/settings.py", "ocrsite/launch.py")
    assert read == documented()


def test_the_table_gives_the_defaults_of_the_limits():
    for name in (
        "OCRSITE_MAX_BYTES",
        "OCRSITE_MAX_PIXELS",
        "OCRSITE_MAX_PAGES",
        "OCRSITE_PAGE_TIMEOUT",
        "OCRSITE_PAGE_MEGABYTES",
        "OCRSITE_PAGE_PROCESSOR_SECONDS",
    ):
        if name not in os.environ:
            assert f"| `{name}` | `{getattr(settings, name)}`" in CONFIGURATION


# Containers


@pytest.mark.parametrize("service", PLATFORM)
def test_services_set_only_variables_that_the_platform_reads(service):
    names = {name.removesuffix("_FILE") for name in OURS[service]["environment"]}
    assert names - FOREIGN <= documented()


@pytest.mark.parametrize("service", PLATFORM)
@pytest.mark.parametrize("name", ["OCRSITE_URL", "OCRSITE_WEBHOOK_HOSTS", "OCRSITE_IIIF_HOSTS"])
def test_what_webhooks_go_by_reaches_whoever_writes_checks_or_sends_them(service, name):
    assert f"${{{name}:-" in OURS[service]["environment"][name]


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_secrets_come_from_files_that_are_declared(service):
    service = COMPOSE["services"][service]
    text = yaml.safe_dump(service)
    used = set(re.findall(r"/run/secrets/([\w-]+)", text))
    assert used == set(service.get("secrets", [])) & used == used & set(COMPOSE["secrets"])
    assert not re.search(r"(PASSWORD|SECRET_KEY|ACCESS_KEY): ", text)


def test_make_secrets_makes_the_files_that_compose_reads(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", "secrets", f"PYTHON={sys.executable}"], cwd=tmp_path, check=True)
    assert {f"secrets/{path.name}" for path in (tmp_path / "secrets").iterdir()} == {
        secret["file"] for secret in COMPOSE["secrets"].values()
    }
    assert (tmp_path / "secrets" / "postgres-password").read_text() in (
        tmp_path / "secrets" / "database-url"
    ).read_text()


def test_services_name_services_volumes_and_images_that_exist():
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", []) if volume[0] not in "$./"}
        assert named <= set(COMPOSE["volumes"])
        assert "build" in service or re.search(r":\d", service["image"]), "images are pinned to a version"
        for name, after in service.get("depends_on", {}).items():
            if after["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][name]


def test_the_database_takes_all_connections_of_the_services_that_the_guide_starts():
    most = re.search(r"max_connections=(\d+)", " ".join(COMPOSE["services"]["postgres"]["command"]))
    serving = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    guide = (ROOT / "docs" / "administration.md").read_text()
    started = {name: int(number) for name, number in re.findall(r"--scale (\w+)=(\d+)", guide)}
    webs, workers = (started[name] for name in ("web", "worker"))
    others = len(COMPOSE["services"]) * 2
    assert most
    assert webs * serving["workers"] * serving["threads"] + 2 * workers + others < int(most[1])


def test_the_commands_of_services_exist():
    commands = {path.stem for path in (ROOT / "documents/management/commands").glob("*.py")} | {"migrate"}
    for service in OURS.values():
        for name in re.findall(r"manage\.py,? (\w+)", ", ".join(service.get("command", []))):
            assert name in commands


def test_the_image_copies_what_exists_and_does_not_run_as_root():
    steps = re.findall(r"^(COPY|USER|ARG) (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for _, words in (step for step in steps if step[0] == "COPY" and "--from" not in step[1]):
        for source in words.split()[:-1]:
            assert source == "." or ((ROOT / source).exists() and source in allowed)
    ours = {app.split(".")[0] for app in settings.INSTALLED_APPS}
    assert {app for app in ours if (ROOT / app).is_dir()} <= allowed
    assert ("USER", "ocrsite") in steps
    assert set(install.TO_RUN) - {"python3-venv"} <= set((ROOT / "Dockerfile").read_text().split())
    arguments = {words.partition("=")[0] for kind, words in steps if kind == "ARG"}
    assert set(OURS["inference"]["build"]["args"]) <= arguments


def is_in_image(path: Path) -> bool:
    """Whether .dockerignore lets a file through: of the lines that fit it, or a folder above it, the last one holds."""
    name, let_in = path.relative_to(ROOT).as_posix(), True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if not line.startswith("#") and (fnmatch(name, pattern) or fnmatch(name, f"{pattern}/*")):
            let_in = line.startswith("!")
    return let_in


def test_what_is_in_the_image_needs_nothing_that_is_not():
    ours = {path.parent.name: path for path in ROOT.glob("*/__init__.py")}
    absent = {name for name, path in ours.items() if not is_in_image(path)}
    assert absent >= {"bench", "tests"}
    asks = re.compile(rf"^\s*(?:from|import) ({'|'.join(absent)})\b", re.MULTILINE)
    there = [path for name in ours.keys() - absent for path in (ROOT / name).rglob("*.py") if is_in_image(path)]
    assert ROOT / "documents/management/commands/worker.py" in there
    assert [path for path in there if asks.search(path.read_text())] == []


# Installing


def test_missing_debian_packages_are_named_where_they_cannot_be_installed(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    needs = {"present-one": lambda: True, "missing-one": lambda: False, "missing-two": lambda: False}
    with pytest.raises(install.InstallError, match=r"apt-get install --yes missing-one missing-two$"):
        install.install_system_packages(needs)


def test_what_a_checkout_can_be_made_ready_for_is_what_make_asks_for():
    asked = re.findall(r"-m ocrsite.install ?(\w*)", (ROOT / "Makefile").read_text())
    assert {purpose or "run" for purpose in asked} == set(install.PURPOSES)
    assert all((ROOT / lock).exists() for _, locks in install.PURPOSES.values() for lock in locks)


def test_make_help_lists_every_command():
    makefile = (ROOT / "Makefile").read_text()
    (commands,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\w+)\t", listed, re.MULTILINE) == commands.split()


def test_commits_are_checked_by_the_commands_that_make_check_runs():
    checks = re.search(r"^check:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entries = [hook["entry"] for hook in hooks if hook["language"] == "system"]
    made = re.findall(r"((?:ruff|mypy|tsc)\b.*)$", checks[1], re.MULTILINE)
    hooked = [re.search(r"(?:ruff|mypy|tsc)\b[^']*", entry)[0].replace(" --force-exclude", "") for entry in entries]
    assert hooked == [command.removesuffix(" .") for command in made]


def test_a_step_is_done_once_again_after_a_failure_and_when_its_source_changes(tmp_path):
    source, stamp, done = tmp_path / "lock", tmp_path / "stamp", []
    source.write_text("one")

    def fail() -> None:
        raise install.InstallError

    with pytest.raises(install.InstallError):
        install.once(stamp, [source], fail)
    install.once(stamp, [source], lambda: done.append("first"))
    install.once(stamp, [source], lambda: done.append("too often"))
    source.write_text("two")
    install.once(stamp, [source], lambda: done.append("changed"))
    assert done == ["first", "changed"]


def test_the_front_end_files_that_pages_load_are_installed():
    loaded = {
        name
        for path in [*ROOT.glob("**/templates/**/*.html"), *ROOT.glob("static/js/**/*.js")]
        for name in re.findall(r"vendor/[\w./-]+\.\w+", path.read_text())
    }
    assert loaded
    assert {name for name in loaded if not (ROOT / "static" / name).exists()} == set()


# Starting


def test_a_port_in_use_is_refused_with_advice():
    with socket.socket() as taken:
        taken.bind((launch.HOST, 0))
        taken.listen()
        with pytest.raises(launch.LaunchError, match="make run PORT="):
            launch.require_free_port(str(taken.getsockname()[1]))


@pytest.mark.parametrize("text", ["", "http", "0x50", "65536", "-1"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(launch.LaunchError, match="is no port"):
        launch.require_free_port(text)


def test_redis_is_started_only_on_our_own_socket_in_a_closed_folder(tmp_path):
    assert launch.embedded_redis("redis://elsewhere:6379", tmp_path) is None
    assert launch.embedded_redis("unix:///run/redis/redis.sock", tmp_path) is None
    with tempfile.TemporaryDirectory() as short:
        socket_path = launch.embedded_redis(f"unix://{short}/redis/redis.sock", Path(short))
        assert socket_path is not None
        assert socket_path.parent.stat().st_mode & 0o777 == 0o700


def test_a_data_folder_too_deep_for_a_socket_is_refused_with_advice(tmp_path):
    with pytest.raises(launch.LaunchError, match="OCRSITE_DATA"):
        launch.embedded_redis(f"unix://{tmp_path}/{'deep/' * 20}redis.sock", tmp_path)


def test_supervisor_understands_the_configuration(tmp_path):
    folder = tmp_path / "a 100% odd folder"
    folder.mkdir()
    wanted = processes.programs(processes.web("::1", 8000), 3, folder / "redis.sock")
    file = folder / "supervisor.conf"
    file.write_text(processes.configuration(wanted, folder, folder))
    options = ServerOptions()
    options.realize(["--configuration", str(file)])
    started = {process.name: process for group in options.process_group_configs for process in group.process_configs}
    assert set(started) == {"redis", "web", "reconcile", "webhooks", "worker-0", "worker-1", "worker-2"}
    assert started["worker-2"].command.endswith("worker --slot 2")
    standing_back = {name for name, process in started.items() if process.command.startswith("nice ")}
    assert standing_back == {"worker-0", "worker-1", "worker-2"}
    assert str(folder / "redis.sock") in started["redis"].command
    assert started["web"].stdout_logfile == str(folder / "web.log")


def test_log_lines_are_shown_once_whole_and_across_rotation(tmp_path, capsys):
    (tmp_path / "web.log").write_text("from an earlier run\n")
    logs = launch.Logs(tmp_path)
    with (tmp_path / "web.log").open("a") as file:
        file.write("new\nnot yet who")
    logs.show()
    with (tmp_path / "web.log").open("a") as file:
        file.write("le\n")
    logs.show()
    (tmp_path / "web.log").write_text("rotated\n")
    logs.show()
    assert [line.partition("| ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "new",
        "not yet whole",
        "rotated",
    ]


def test_a_full_redis_drops_what_was_kept_for_a_while_and_no_job(tmp_path):
    socket_path = tmp_path / "redis.sock"
    (program,) = [each for each in processes.programs(processes.web("", 0), 1, socket_path) if each.name == "redis"]
    server = subprocess.Popen(list(program.command), stdout=subprocess.DEVNULL)
    try:
        wait_for(socket_path.exists)
        connection = redis.Redis.from_url(f"unix://{socket_path}")
        connection.rpush("queue", "job")
        for number in range(300):
            connection.set(f"tile-{number}", b"x" * 2**20, ex=600)
        assert connection.lrange("queue", 0, -1) == [b"job"]
        assert 100 < connection.dbsize() < 260
    finally:
        server.terminate()
        server.wait()


# The whole, as `make run` starts it


def test_static_files_are_collected_again_only_when_one_of_them_has_changed(settings, tmp_path):
    source, collected = tmp_path / "source" / "a.css", tmp_path / "static" / "a.css"
    source.parent.mkdir()
    source.write_text("a {}")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source.parent], collected.parent
    launch.collect_static_files()
    collected.unlink()
    launch.collect_static_files()
    assert not collected.exists()
    source.write_text("a { color: red }")
    launch.collect_static_files()
    assert collected.read_text() == "a { color: red }"


@pytest.fixture
def running(weights_folder: Path) -> Iterator[Platform]:
    with platform(weights_folder) as everything:
        yield everything


@pytest.fixture
def running_again(weights_folder: Path, prepared: Path) -> Iterator[Platform]:
    """It has been started before, so that it starts sooner."""
    with platform(weights_folder, prepared=prepared) as everything:
        yield everything


def test_everything_starts_a_killed_worker_comes_back_and_ctrl_c_leaves_nothing(running):
    output = running.output.read_text()
    assert "Administrator created" in output
    assert f"Ready: {running.url}/" in output
    assert running.get("/accounts/login/") == 200
    kept = set(running.data.iterdir()) - {running.output}
    assert {path for path in kept if path.stat().st_mode & 0o077} == set(), "other users of the machine can look in"
    for words in ("redis-server", "gunicorn", "worker --slot 0", "reconcile --every"):
        assert running.find(words), f"{words} does not run"

    (worker,) = running.find("worker --slot 0")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: [number for number in running.find("worker --slot 0") if number != worker])

    running.launcher.send_signal(signal.SIGINT)
    assert running.launcher.wait(60) == 0
    assert running.processes() == {}
    assert "Traceback" not in running.output.read_text()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_nothing_survives_the_terminal_or_the_launcher(running_again, number):
    assert running_again.find("redis-server")
    running_again.launcher.send_signal(number)
    running_again.launcher.wait(60)
    wait_for(lambda: not running_again.processes())


def test_the_site_works_under_a_path_and_on_ipv6(weights_folder, prepared):
    where = {"OCRSITE_HOST": "::1", "OCRSITE_PATH": "/ocr"}
    with platform(weights_folder, host="::1", prepared=prepared, **where) as running:
        assert f"Ready: http://[::1]:{running.port}/ocr/" in running.output.read_text()
        session = requests.Session()
        page = session.get(f"{running.url}/ocr/accounts/login/").text
        addresses = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', page))
        assert len([each for each in addresses if each.startswith("/ocr/static/")]) > 2
        assert all(each.startswith("/ocr/") for each in addresses)
        for address in addresses:
            assert session.get(running.url + address).status_code == 200, address
        form = {"login": USER, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        home = session.post(f"{running.url}/ocr/accounts/login/", form)
        assert (home.status_code, home.url) == (200, f"{running.url}/ocr/")
        assert {cookie.path for cookie in session.cookies} == {"/ocr/"}
        addresses = re.findall(r'(?:href|src|action|data-[\w-]+|hx-\w+)="(/[^"]*)"', home.text)
        assert [each for each in addresses if not each.startswith("/ocr/")] == []
        listed = session.get(f"{running.url}/ocr/api/v1/documents/")
        assert (listed.status_code, listed.json()["results"]) == (200, [])
        assert session.get(f"{running.url}/ocr/api/v1/schema/").json()["servers"] == [{"url": "/ocr"}]
        assert session.get(f"{running.url}/healthz").status_code == 200  # asked from within, past the proxy


def test_for_development_the_site_reloads_itself_and_serves_files_from_where_they_are_written(
    weights_folder, migrated, tmp_path
):
    shutil.copy(migrated, tmp_path)  # without static files
    with platform(weights_folder, options=["--dev"], prepared=tmp_path) as running:
        assert running.get("/static/css/base.css") == 200
        assert not (running.data / "static").exists()
        before = set(running.find("runserver"))

        def is_reloaded_after_a_change() -> set[int]:
            (ROOT / "ocrsite" / "urls.py").touch()  # again and again: the reloader may not have looked at it yet
            return set(running.find("runserver")) - before

        wait_for(is_reloaded_after_a_change)
        wait_for(lambda: launch.answers("127.0.0.1", running.port))
        assert before & set(running.find("runserver")), "supervisor had to start it anew"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_its_file_without_the_line_break_that_editors_leave(tmp_path, ending):
    from ocrsite.settings import Variables

    (tmp_path / "secret").write_bytes(f"open sesame{ending}".encode())
    assert Variables(env={"SECRET_KEY_FILE": str(tmp_path / "secret")})["SECRET_KEY"] == "open sesame"


def test_a_secret_that_begins_with_a_dollar_sign_is_no_other_variables_name(tmp_path, monkeypatch):
    from ocrsite.settings import Environment, Variables

    (tmp_path / "secret").write_text("$HOME")
    environ = {"SECRET_KEY_FILE": str(tmp_path / "secret"), "S3_SECRET_KEY": "$$ ", "NAMES": "$a,b", "HOME": "/root"}
    monkeypatch.setattr(Environment, "ENVIRON", Variables(env=environ))
    env = Environment()
    assert env.str("SECRET_KEY", default="") == "$HOME"
    assert env.str("S3_SECRET_KEY") == "$$ "
    assert env.list("NAMES", default=[]) == ["$a", "b"]
    assert env.str("ABSENT", default="as ever") == "as ever"
