#include "definitions.h"

#include <cstdint>
#include <string_view>

#include "tutti/sdk/json.hpp"

namespace tutti::workspace {
namespace {

constexpr std::chrono::milliseconds kMargin{30'000};
constexpr std::chrono::milliseconds kFileTimeout{60'000};

struct Definition {
  std::string_view name;
  std::string_view tool;
  std::string_view effects;
  std::string_view summary;
  std::string_view input;
  std::chrono::milliseconds timeout;
};

constexpr std::string_view kRead =
    R"json({"type":"object","required":["file_path"],"additionalProperties":false,"properties":{
"file_path":{"type":"string","minLength":1,"description":"The file, relative to the working directory or absolute beneath it"},
"offset":{"type":"integer","minimum":1,"description":"The first line to read, from 1"},
"limit":{"type":"integer","minimum":1,"description":"How many lines to read"}}})json";

constexpr std::string_view kWrite =
    R"json({"type":"object","required":["file_path","content"],"additionalProperties":false,"properties":{
"file_path":{"type":"string","minLength":1,"description":"The file to write, relative to the working directory or absolute beneath it"},
"content":{"type":"string","description":"The whole new content"}}})json";

constexpr std::string_view kEdit =
    R"json({"type":"object","required":["file_path","old_string","new_string"],"additionalProperties":false,"properties":{
"file_path":{"type":"string","minLength":1,"description":"The file to change"},
"old_string":{"type":"string","minLength":1,"description":"The text to replace, exactly as in the file, without line numbers"},
"new_string":{"type":"string","description":"The text to put in its place"},
"replace_all":{"type":"boolean","default":false,"description":"Replace every occurrence instead of the only one"}}})json";

constexpr std::string_view kBash =
    R"json({"type":"object","required":["command"],"additionalProperties":false,"properties":{
"command":{"type":"string","minLength":1,"description":"The command line for bash"},
"timeout":{"type":"integer","minimum":1,"description":"Time limit in milliseconds"},
"description":{"type":"string","description":"What the command does, in a few words"}}})json";

constexpr std::string_view kGlob =
    R"json({"type":"object","required":["pattern"],"additionalProperties":false,"properties":{
"pattern":{"type":"string","minLength":1,"description":"A file name pattern such as **/*.cpp"},
"path":{"type":"string","minLength":1,"description":"The directory to search, by default the working directory"}}})json";

constexpr std::string_view kGrep =
    R"json({"type":"object","required":["pattern"],"additionalProperties":false,"properties":{
"pattern":{"type":"string","minLength":1,"description":"A regular expression (RE2 syntax)"},
"path":{"type":"string","minLength":1,"description":"The file or directory to search, by default the working directory"},
"glob":{"type":"string","description":"Only files that match, such as *.py"},
"output_mode":{"type":"string","enum":["content","files_with_matches","count"],"default":"files_with_matches"},
"-i":{"type":"boolean","description":"Ignore case"},
"-n":{"type":"boolean","description":"Show line numbers, by default yes"},
"-A":{"type":"integer","minimum":0,"description":"Lines to show after each match"},
"-B":{"type":"integer","minimum":0,"description":"Lines to show before each match"},
"-C":{"type":"integer","minimum":0,"description":"Lines to show around each match"},
"head_limit":{"type":"integer","minimum":1,"description":"Show only the first lines or files"},
"multiline":{"type":"boolean","description":"Let the pattern span lines"}}})json";

}  // namespace

std::string Definitions(std::chrono::milliseconds bash_timeout, std::chrono::milliseconds search_timeout) {
  const Definition definitions[] = {
      {"workspace.read", "Read", "read", "Reads a text file and returns its lines, numbered.", kRead, kFileTimeout},
      {"workspace.write", "Write", "write", "Writes a file, replacing what it held; makes missing directories.", kWrite,
       kFileTimeout},
      {"workspace.edit", "Edit", "write", "Replaces an exact text in a file.", kEdit, kFileTimeout},
      {"workspace.bash", "Bash", "destructive",
       "Runs a bash command in the working directory and returns its output; everything it starts ends with it.", kBash,
       bash_timeout + kMargin},
      {"workspace.glob", "Glob", "read", "Finds files by name pattern, changed last first.", kGlob,
       search_timeout + kMargin},
      {"workspace.grep", "Grep", "read", "Searches the content of files with a regular expression.", kGrep,
       search_timeout + kMargin},
  };
  JsonWriter writer;
  writer.BeginArray();
  for (const Definition& definition : definitions) {
    writer.Raw(JsonObject()("name", definition.name)("summary", definition.summary)
                   .Raw("input", definition.input)("effects", definition.effects)(
                       "idempotent", definition.effects == "read")("timeout_ms", definition.timeout.count())
                   .Raw("surfaces", R"(["tool"])")
                   .Raw("tool", JsonObject()("name", definition.tool).Take())
                   .Take());
  }
  return writer.EndArray().Take();
}

}  // namespace tutti::workspace
