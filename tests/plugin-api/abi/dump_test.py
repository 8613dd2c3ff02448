"""Tries plugin-api/abi/dump on doctored copies of the headers: it must find each kind of change, and say what to do."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
DUMP = ROOT / "plugin-api/abi/dump"
HEADERS = ROOT / "plugin-api/include/tutti/abi"
DESCRIPTIONS = ROOT / "plugin-api/abi"


class Doctored(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.include = pathlib.Path(folder.name, "include")
        self.abi = self.include / "tutti/abi"
        shutil.copytree(HEADERS, self.abi)
        self.descriptions = pathlib.Path(folder.name, "descriptions")
        self.descriptions.mkdir()
        for path in DESCRIPTIONS.glob("revision-*.txt"):
            shutil.copy(path, self.descriptions)

    def change(self, header, old, new):
        path = self.abi / header
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1, f"{old} should stand once in {header}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def dump(self, *arguments):
        return subprocess.run([sys.executable, DUMP, *arguments, "--include", self.include, "--descriptions",
                               self.descriptions], capture_output=True, text=True, check=False)

    def assert_accepted(self):
        done = self.dump("--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_refused(self, *sentences):
        done = self.dump("--check")
        self.assertEqual(done.returncode, 1, done.stdout)
        for sentence in sentences:
            self.assertIn(sentence, done.stderr)
        return done.stderr

    def test_headers_as_they_are(self):
        self.assert_accepted()

    def test_comments_names_of_parameters_and_order_of_headers_are_no_part_of_it(self):
        self.change("plugin.h", "tutti_str config, const tutti_sink* error);", "tutti_str json,\n  const tutti_sink* e);")
        self.change("log.h", "/* Whether a line", "/* Tells whether a line")
        self.assert_accepted()

    def test_field_inserted(self):
        self.change("core.h", "  uint32_t depth;", "  uint32_t hops;\n  uint32_t depth;")
        text = self.assert_refused("tutti_call_info.depth was `offset 16", "\"tutti.hook/2\"", "revision-2.txt")
        self.assertIn("Put the headers back", text)

    def test_field_put_into_padding(self):
        self.change("hook.h", "  uint32_t index;  /* running", "  uint32_t index;\n  uint32_t flags; /* running")
        self.assert_refused("tutti_point.flags begins at 28, inside the 40 bytes that tutti_point had")

    def test_field_at_the_end_but_inside_the_padding_of_the_end(self):
        self.change("core.h", "  uint32_t retry_after_ms;", "  uint32_t retry_after_ms;\n  uint32_t flags;")
        self.assert_refused("tutti_outcome.flags begins at 44, inside the 48 bytes")

    def test_field_removed(self):
        self.change("hook.h", "  uint32_t index;", "  /* */")
        self.assert_refused("tutti_point.index is gone")

    def test_type_changed_without_a_change_of_size(self):
        self.change("core.h", "  int64_t deadline_ms;", "  uint64_t deadline_ms;")
        self.assert_refused("tutti_call_info.deadline_ms was `offset 24, size 8, int64_t`, is `offset 24, size 8, uint64_t`")

    def test_parameter_added_to_a_function(self):
        self.change("log.h", "int32_t (*enabled)(const tutti_host* host, int32_t level);",
                    "int32_t (*enabled)(const tutti_host* host, int32_t level, int32_t more);")
        self.assert_refused("tutti_host_log.enabled was")

    def test_constant_renumbered(self):
        self.change("log.h", "TUTTI_LOG_WARNING = 3", "TUTTI_LOG_WARNING = 4")
        self.assert_refused("TUTTI_LOG_WARNING was `3`, is `4`")

    def test_status_code_mapped_elsewhere(self):
        self.change("status.h", '"NOT_FOUND", 404', '"NOT_FOUND", 410')
        self.assert_refused("NOT_FOUND was `code 5, http 404")

    def test_id_changed(self):
        self.change("hook.h", '#define TUTTI_KIND_HOOK "tutti.hook/1"', '#define TUTTI_KIND_HOOK "tutti.hooks/1"')
        self.assert_refused("TUTTI_KIND_HOOK was `\"tutti.hook/1\"`, is `\"tutti.hooks/1\"`")

    def test_entry_symbol_and_major_changed(self):
        self.change("plugin.h", '"tutti_plugin_entry"', '"tutti_entry"')
        self.change("core.h", "#define TUTTI_ABI_MAJOR 1u", "#define TUTTI_ABI_MAJOR 2u")
        self.assert_refused("TUTTI_ENTRY_SYMBOL was", "TUTTI_ABI_MAJOR was `1`, is `2`")

    def test_closed_struct_grown(self):
        self.change("events.h", "  tutti_str data;", "  tutti_str data;\n  tutti_str more;")
        self.assert_refused("tutti_event is closed")

    def test_growth_asks_for_a_new_minor_and_passes_with_one(self):
        self.change("log.h", "int32_t (*enabled)(const tutti_host* host, int32_t level);",
                    "int32_t (*enabled)(const tutti_host* host, int32_t level);\n  void (*flush)(const tutti_host* host);")
        text = self.assert_refused("tutti_host_log.flush is new or has grown", "revision-1.2.txt", "raise TUTTI_ABI_MINOR")
        self.assertNotIn("Put the headers back", text)
        described = self.dump().stdout
        (self.descriptions / "revision-1.2.txt").write_text(described, encoding="utf-8")
        self.assert_refused("have the same TUTTI_ABI_MINOR")
        self.change("core.h", "#define TUTTI_ABI_MINOR 1u", "#define TUTTI_ABI_MINOR 2u")
        (self.descriptions / "revision-1.2.txt").write_text(self.dump().stdout, encoding="utf-8")
        self.assert_accepted()

    def test_what_is_not_frozen_may_change(self):
        self.change("config.h", "TUTTI_SERVICE_CONFIG \"tutti.host.config/0\"", "TUTTI_SERVICE_CONFIG \"tutti.host.config/1\"")
        self.change("events.h", "tutti.host.events/0\"\n", "tutti.host.events/1\"\n")
        self.assert_accepted()

    def test_description_missing(self):
        (self.descriptions / "revision-1.txt").unlink()
        self.assert_refused("expected the description revision-1.txt")


if __name__ == "__main__":
    unittest.main()
