#!/usr/bin/env python3
"""libcxx_test.py EXAMPLES PREFIX: a plugin built by clang with libc++ works in a server built by gcc with libstdc++."""
import pathlib
import shutil
import sys

from support import Server, TemporaryFolder, expect_text, run

examples, prefix = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sources = ["hook-cpp", "command-cpp", "template-cpp"]
with TemporaryFolder() as folder:
    for name in sources:
        shutil.copytree(examples / name, folder / name, ignore=shutil.ignore_patterns("build"))
        plugin = name.replace("-", "_")
        built = folder / "build/plugins" / plugin
        built.mkdir(parents=True)
        shutil.copy(folder / name / "plugin.yaml", built)
        run("clang++", "-std=c++20", "-stdlib=libc++", "-O0", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            "-fvisibility=hidden", f"-I{prefix}/include", f"-Wl,--version-script={prefix}/lib/cmake/Tutti/plugin.map",
            "-Wl,-z,defs", folder / name / "src/plugin.cpp", "-o", built / f"{plugin}.so")
        expect_text("libc++.so", run("ldd", built / f"{plugin}.so"), "the libraries of " + plugin)
        expect_text("pass  finish", run(prefix / "bin/tutti-validate", built), "tutti-validate of " + plugin)
    command = folder / "command-cpp"
    for file in command.glob("*.yaml"):
        file.write_text(file.read_text().replace("/usr/local", str(prefix)))
    shutil.copytree(folder / "build", command / "build")
    with Server(prefix / "bin/tutti", folder / "data", "--config", "run.yaml", cwd=command) as server:
        expect_text('{"greeting":"Hello, Ada!"}', server.get("/v1/command_cpp/greetings/Ada"), "the command")
