"""What the tests of the installed tree share: commands with their output shown on failure, and a running server."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request

# Longer than anything here takes on a busy machine; a hang ends with a message instead of CTest's silence.
PATIENCE_S = 800


def fail(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(1)


def clean_environment(**more):
    """Without what a user or the build has set that decides what tutti does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUTTI_", "ANTHROPIC_", "DATABASE_"))}
    return {**kept, **more}


def run(*command, cwd=None, expect=0, **environment):
    """Runs to the end and returns both streams; ends the test when the exit code is another."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=clean_environment(**environment), stdout=subprocess.PIPE, errors="replace",
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode != expect:
        fail(f"expected exit code {expect} of: {' '.join(words)}\nin {cwd or os.getcwd()}, found {done.returncode}:\n{done.stdout}")
    return done.stdout


def expect_text(text, found, what):
    if text not in found:
        fail(f"{what}: expected '{text}' in what follows.\n{found}")


class TemporaryFolder:
    """A folder outside the tree, gone at the end."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tutti-install-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """`tutti run` with more arguments, on a free port, until the end of the block."""

    def __init__(self, tutti, data, *arguments, cwd=None):
        command = [str(tutti), "run", "--data", str(data), "--listen", "127.0.0.1:0", *map(str, arguments)]
        self.process = subprocess.Popen(command, cwd=cwd, env=clean_environment(), stdout=subprocess.PIPE, errors="replace",
                                        stderr=subprocess.STDOUT, text=True)
        self.output = ""  # whole once the block has ended
        self.url = ""
        self.reader = None

    def __enter__(self):
        # A server that never gets ready is ended, which ends its output too.
        watch = threading.Timer(PATIENCE_S, self.process.kill)
        watch.start()
        for line in self.process.stdout:
            self.output += line
            listens = re.search(r"listens on (http://127\.0\.0\.1:\d+)", line)
            if listens:
                self.url = listens.group(1)
            if line.strip() == "ready":
                break
        watch.cancel()
        if self.process.poll() is not None or not self.url:
            self.__exit__()
            fail(f"expected a server that gets ready, found:\n{self.output}")
        # Its log must not fill the pipe.
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def _read(self):
        for line in self.process.stdout:
            self.output += line

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.reader:
            self.reader.join()

    def get(self, path):
        return self._ask(urllib.request.Request(self.url + path))

    def post(self, path, body):
        headers = {"Content-Type": "application/json"}
        return self._ask(urllib.request.Request(self.url + path, data=body.encode(), headers=headers))

    @staticmethod
    def _ask(request):
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.read().decode()


def configure(source, build, prefix, *more):
    """Configures and builds a project of plugins with the fewest flags that compile quickly."""
    launcher = shutil.which("ccache")
    run("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DTUTTI_PREFIX={prefix}", "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DCMAKE_CXX_FLAGS=-Werror",
        *([f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}"] if launcher else []), *more)
    # The folder has another name each time, which would make every compilation a new one.
    run("cmake", "--build", build, "-j", "2", CCACHE_BASEDIR=str(pathlib.Path(build).parent))
