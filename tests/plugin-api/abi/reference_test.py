"""Tries plugin-api/abi/reference: a header that changed makes the reference stale, and one it cannot describe is an error."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "plugin-api/abi/reference"


class Reference(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.include = pathlib.Path(folder.name, "include")
        self.abi = self.include / "tutti/abi"
        shutil.copytree(ROOT / "plugin-api/include/tutti/abi", self.abi)
        self.output = pathlib.Path(folder.name, "host-services.md")
        shutil.copy(ROOT / "docs/host-services.md", self.output)

    def change(self, header, old, new):
        path = self.abi / header
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1, f"{old} should stand once in {header}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run_reference(self, *arguments):
        return subprocess.run([sys.executable, REFERENCE, *arguments, "--include", self.include, "--output", self.output],
                              capture_output=True, text=True, check=False)

    def test_every_function_of_every_table_is_there(self):
        text = self.output.read_text(encoding="utf-8")
        for name in ["emit_wait", "on_cancel", "post_after", "ensure_schema", "on_events", "respond", "manage", "secret"]:
            self.assertIn(f"#### `{name}`", text)
        for identifier in ["tutti.host.log/1", "tutti.hook/1", "tutti.storage/0", "tutti.host.admin/0"]:
            self.assertIn(f"`{identifier}`", text)

    def test_a_changed_comment_makes_it_stale_until_it_is_written_again(self):
        self.change("log.h", "Whether a line of this level would be kept.", "Whether a line of this level is kept.")
        done = self.run_reference("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("+Whether a line of this level is kept.", done.stderr)
        self.assertIn("run plugin-api/abi/reference --write", done.stderr)
        self.assertEqual(self.run_reference("--write").returncode, 0)
        self.assertEqual(self.run_reference("--check").returncode, 0)

    def test_a_function_without_thread_and_state_is_an_error(self):
        self.change("log.h", "would be kept. [any] [created] */", "would be kept. */")
        done = self.run_reference("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected the thread and state of tutti_host_log.enabled", done.stderr)

    def test_a_header_nobody_placed_is_an_error(self):
        (self.abi / "news.h").write_text("/* News. */\n", encoding="utf-8")
        done = self.run_reference("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("tutti/abi has news", done.stderr)


if __name__ == "__main__":
    unittest.main()
