#!/usr/bin/env python3
"""first_hook_test.py PREFIX: from nothing to a hook that blocks rm -rf in a running server, as the author's guide has it."""
import pathlib
import sys

from support import Server, TemporaryFolder, expect_text, fail, run

tutti = pathlib.Path(sys.argv[1]) / "bin/tutti"
with TemporaryFolder() as folder:
    run(tutti, "plugin", "new", "hook", "org.example.careful", "--language", "c", cwd=folder)
    careful = folder / "careful"
    run("make", cwd=careful)
    with Server(tutti, folder / "data", "--config", "run.yaml", cwd=careful) as server:
        said = run(tutti, "chat", "--url", server.url,
                   "create an agent named scout that lists the files here, then tell it to run rm -rf notes", cwd=folder)
        said += run(tutti, "chat", "--url", server.url, "tell scout to run rm -rf notes", cwd=folder)
        expect_text("rm -rf notes", said, "the chat")
        expect_text("Nothing is deleted here.", said, "the chat")
    expect_text("command denied", server.output, "the server's log")
    # Nobody has pinned it, so it had a process of its own, and each of those has a directory.
    if not (folder / "data/scratch/org.example.careful").is_dir():
        fail(f"expected that the hook ran in a process of its own, found that it ran in the server:\n{server.output}")
