#!/usr/bin/env python3
"""prefix_test.py BUILD PREFIX: installs the build, moves what was installed, and starts a server from there."""
import pathlib
import shutil
import sys

from support import Server, TemporaryFolder, expect_text, fail, run

build, prefix = sys.argv[1], pathlib.Path(sys.argv[2])
with TemporaryFolder() as folder:
    first = folder / "first"
    run("cmake", "--install", build, "--prefix", first, "--strip")
    # What an operator wrote stays, whatever is installed over it.
    manifest = first / "etc/tutti/tutti.yaml"
    manifest.write_text(manifest.read_text() + "# mine\n")
    run("cmake", "--install", build, "--prefix", first, "--component", "runtime")
    expect_text("# mine", manifest.read_text(), "the manifest after a second installation")
    # Nothing inside knows where it was.
    shutil.rmtree(prefix, ignore_errors=True)
    shutil.move(first, prefix)
    left = [path for path in prefix.rglob("*") if path.is_file() and path.suffix in (".cmake", ".pc", ".yaml")
            and str(first) in path.read_text()]
    if left:
        fail(f"expected no file that names the first prefix, found {left}")
    expect_text("ok:", run(prefix / "bin/tutti", "check", cwd=folder), "tutti check")
    with Server(prefix / "bin/tutti", folder / "data", cwd=folder) as server:
        expect_text("orchestrator", server.get("/get_orchestrator"), "GET /get_orchestrator")
