#!/usr/bin/env python3
"""examples_test.py EXAMPLES PREFIX: builds, tests and validates the examples against the installed tree alone."""
import pathlib
import shutil
import sys

from support import TemporaryFolder, configure, expect_text, run

examples, prefix = pathlib.Path(sys.argv[1]), sys.argv[2]
with TemporaryFolder() as folder:
    copy = folder / "examples"
    shutil.copytree(examples, copy, ignore=shutil.ignore_patterns("build"))
    configure(copy, folder / "build", prefix)
    expect_text("100% tests passed", run("ctest", "-j", "2", "--output-on-failure", "--no-tests=error", cwd=folder / "build"),
                "ctest of the examples")
    for makefile in sorted(copy.glob("*/Makefile")):
        strict = ["CFLAGS=-O0 -Wall -Wextra -Wpedantic -Werror", "RUSTC=/usr/bin/rustc", "RUSTFLAGS=-D warnings"]
        said = run("make", "test", f"TUTTI_PREFIX={prefix}", *strict, cwd=makefile.parent)
        expect_text("pass  finish", said, makefile.parent.name)
