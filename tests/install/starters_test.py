#!/usr/bin/env python3
"""starters_test.py PREFIX: everything `tutti plugin new` can write builds, passes its tests and validates at once."""
import pathlib
import sys

from support import TemporaryFolder, configure, expect_text, fail, run

prefix = pathlib.Path(sys.argv[1])
tutti = prefix / "bin/tutti"
STARTERS = {"cpp": ["command", "hook", "model", "runtime", "storage", "template"], "c": ["command", "hook"],
            "rust": ["command", "hook"]}

with TemporaryFolder() as folder:
    for language, kinds in STARTERS.items():
        for kind in kinds:
            said = run(tutti, "plugin", "new", kind, f"com.example-site.my-{kind}_{language}", "--language", language,
                       cwd=folder)
            expect_text(f"my-{kind}_{language} holds the {kind} com.example-site.my-{kind}_{language}", said, "plugin new")
    for path in folder.rglob("*"):
        if path.is_file() and ("org.example" in path.read_text() or "/usr/local" in path.read_text()):
            fail(f"expected the names of the starter to be replaced, found one in {path}")
    run(tutti, "plugin", "new", "hook", "com.example.my-hook_c", cwd=folder, expect=1)

    # As one project, so that the compiler is looked for once.
    names = [f"my-{kind}_cpp" for kind in STARTERS["cpp"]]
    (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(all LANGUAGES CXX)\n"
                                           "enable_testing()\n" + "".join(f"add_subdirectory({n})\n" for n in names))
    configure(folder, folder / "build", prefix)
    said = run("ctest", "-j", "2", "--output-on-failure", cwd=folder / "build")
    expect_text(f"100% tests passed, 0 tests failed out of {2 * len(names)}", said, "ctest of what was written")
    for language in ("c", "rust"):
        for kind in STARTERS[language]:
            said = run("make", "test", "VALIDATE_FLAGS=--quick", "RUSTC=/usr/bin/rustc", cwd=folder / f"my-{kind}_{language}")
            expect_text(f"id com.example-site.my-{kind}_{language}", said, f"{kind} in {language}")
    for kind in ("hook", "command"):
        for language in ("c", "rust"):
            expect_text("ok:", run(tutti, "check", "--config", "run.yaml", cwd=folder / f"my-{kind}_{language}"), "tutti check")
