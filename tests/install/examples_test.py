#!/usr/bin/env python3
"""examples_test.py EXAMPLES PREFIX: builds, tests and validates the examples against the installed tree alone, and runs
recipes of the cookbook in a server."""
import pathlib
import shutil
import sys

from support import Server, TemporaryFolder, configure, expect_text, run

examples, prefix = pathlib.Path(sys.argv[1]), sys.argv[2]
with TemporaryFolder() as folder:
    copy = folder / "examples"
    shutil.copytree(examples, copy, ignore=shutil.ignore_patterns("build"))
    configure(copy, folder / "build", prefix)
    expect_text("100% tests passed", run("ctest", "-j", "2", "--output-on-failure", "--no-tests=error", cwd=folder / "build"),
                "ctest of the examples")
    for makefile in sorted(copy.glob("*/Makefile")):
        strict = ["CFLAGS=-O0 -Wall -Wextra -Wpedantic -Werror", "RUSTC=/usr/bin/rustc", "RUSTFLAGS=-D warnings"]
        said = run("make", "test", "VALIDATE_FLAGS=--quick", f"TUTTI_PREFIX={prefix}", *strict, cwd=makefile.parent)
        expect_text("pass  finish", said, makefile.parent.name)
    cookbook = copy / "cookbook"
    shutil.copytree(folder / "build/plugins", cookbook / "build/plugins")
    (cookbook / "run.yaml").write_text((cookbook / "run.yaml").read_text().replace("/usr/local", prefix))
    with Server(pathlib.Path(prefix) / "bin/tutti", folder / "data", "--config", "run.yaml", cwd=cookbook) as server:
        expect_text('{"done":true,"dropped":0}', server.post("/v1/commands/countdown.run", '{"from":3,"pause_ms":1}'), "countdown")
        expect_text('"beats":', server.post("/v1/commands/heartbeat.beats", "{}"), "heartbeat")
