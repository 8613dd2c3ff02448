"""A server with the page, and browsers that look at it."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PATIENCE = 60  # seconds; a bound for what never comes, not a pause

PLUGINS = """  - {id: tutti.transport.http, required: true}
  - {id: tutti.storage.sqlite, as: sqlite, required: true, config: {file: "${TUTTI_DATA}/tutti.db"}}
  - {id: tutti.models.rehearsal, as: rehearsal, config: {scripts: ["%s"], delay_ms: 0}}
  - {id: tutti.runtimes.loop, as: loop}
  - {id: tutti.commands.runs}
  - {id: tutti.commands.orchestrator, config: {session: "${TUTTI_SESSION}", working_dir: "${TUTTI_CWD}"}}
  - {id: tutti.commands.workspace, config: {working_dir: "${TUTTI_CWD}"}}
  - {id: tutti.commands.questions}
  - {id: tutti.hooks.approvals}
  - {id: tutti.commands.console}
  - {id: tutti.hooks.guard}
  - {id: tutti.hooks.recorder}
"""


def wait_for(condition, what):
    """Looks until the condition holds. Its value, or a failure that says what did not come."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"did not come: {what() if callable(what) else what}")
        time.sleep(0.02)


class Server:
    """A tutti process with a database of its own, which outlives restarts."""

    def __init__(self, binary, plugins, without=(), tokens="[]", work=None):
        self.binary = binary
        self.plugins = plugins
        self.directory = tempfile.mkdtemp(prefix="tutti-console-")
        self.work = work or os.path.join(self.directory, "work")
        self.data = os.path.join(self.directory, "data")
        os.makedirs(self.work, exist_ok=True)
        os.makedirs(self.data)
        for name, text in (("README.md", "A place to try things.\n"), ("greeting.txt", "Hello.\n")):
            with open(os.path.join(self.work, name), "w", encoding="utf-8") as file:
                file.write(text)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.yaml")
        kept = [line for line in (PLUGINS % script).splitlines() if not any(name in line for name in without)]
        self.config = os.path.join(self.directory, "tutti.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("version: 1\nplugin_path: [\"${TUTTI_PLUGINS}\"]\n"
                       "roles: {storage: sqlite, model: rehearsal, runtime: loop}\n"
                       "host:\n  data_dir: ${TUTTI_DATA}\n  gateway: {tokens: " + tokens + "}\n"
                       "plugins:\n" + "\n".join(kept) + "\n")
        self.port = 0
        self.process = None

    def start(self, session=""):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("TUTTI_", "ANTHROPIC_", "BACKEND_", "ORCHESTRATOR_"))
                       and name != "DATABASE_URL"}
        environment["TUTTI_PLUGINS"] = self.plugins
        command = [self.binary, "run", "--config", self.config, "--listen", f"127.0.0.1:{self.port}",
                   "--data", self.data, "--cwd", self.work]
        if session:
            command += ["--session", session]
        self.output = []
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace")
        self.reader = threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        found = wait_for(lambda: re.search(r"listens on http://[^ ]*?:(\d+)", "".join(self.output)) or
                         self.process.poll() is not None, lambda: "the server: " + "".join(self.output))
        if found is True:
            raise AssertionError("the server ended: " + "".join(self.output))
        self.port = int(found.group(1))
        return self

    def read(self, pipe):
        for line in pipe:
            self.output.append(line)

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(PATIENCE)
            self.process.stdout.close()
            self.process = None
            if status != 0:
                raise AssertionError(f"the server ended with {status}: " + "".join(self.output))

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url.rstrip("/") + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


class Browser:
    """One Chromium with the page open, and what can be seen of it."""

    def __init__(self, width=1440, height=900):
        options = webdriver.ChromeOptions()
        for switch in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", "no-first-run",
                       "disable-background-networking", "disable-component-update", "disable-sync",
                       "force-color-profile=srgb", "hide-scrollbars", f"window-size={width},{height}"):
            options.add_argument("--" + switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)

    def close(self):
        self.driver.quit()

    def before_each_page(self, script):
        """Runs in every page before its own scripts. For one page only: undo with the returned function."""
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        return lambda: self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)

    def open(self, server, state="Connected"):
        self.driver.get(server.url)
        self.wait_state(state)
        return self

    def run(self, script, *arguments):
        return self.driver.execute_script("return " + script, *arguments)

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return wait_for(lambda: (self.find(selector) or [None])[0], selector)

    def text(self, selector):
        return self.run("document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        """Read at one instant: elements that were found may be gone when they are asked one by one."""
        return self.run("[...document.querySelectorAll(arguments[0])].map(each => each.innerText)", selector)

    def wait_state(self, state):
        wait_for(lambda: self.text("#connection") == state, lambda: f"{state}, found {self.text('#connection')}; "
                 f"{self.driver.get_log('browser')}")

    def wait_text(self, selector, text):
        wait_for(lambda: text in self.text(selector), lambda: f"{text!r} in {selector}, found {self.text(selector)!r}")

    def say(self, text):
        self.type(text)
        self.one("#message").send_keys(Keys.ENTER)

    def type(self, text):
        wait_for(lambda: self.one("#message").is_enabled(), "the message field")
        self.one("#message").send_keys(text)

    def rows(self, panel):
        """What the rows of the panel say, in order, without the clock."""
        return self.run("""[...document.querySelectorAll(`#${arguments[0]} article`)].map(row =>
            row.className.trim() + ' | ' + [...row.querySelectorAll('b, .said, .rich, .hint, .what')]
              .filter(part => !part.closest('.rich') || part.classList.contains('rich'))
              .map(part => part.textContent).join(' | '))""", panel)
