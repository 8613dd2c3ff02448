#include "script.h"

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "placeholders.h"
#include "yaml_json.h"

namespace tutti::rehearsal {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 1 << 20;
constexpr std::int64_t kMaxPatternMemory = 1 << 20;

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  Script ReadScript(const YAML::Node& root) {
    Script script;
    if (!CheckMembers(root, "a script", {"scenes"})) {
      return script;
    }
    const YAML::Node scenes = root["scenes"];
    if (!scenes || !scenes.IsSequence()) {
      Fault(root, "expected `scenes: [...]`, a list of scenes");
      return script;
    }
    for (const auto& scene : scenes) {
      script.scenes.push_back(ReadScene(scene));
    }
    return script;
  }

  [[nodiscard]] const std::string& faults() const { return faults_; }

  void Fault(const YAML::Node& node, const std::string& sentence) {
    faults_ += (faults_.empty() ? "" : "\n") + origin_ + ":" + std::to_string(node.Mark().line + 1) + ": " + sentence;
  }

 private:
  bool CheckMembers(const YAML::Node& node, const std::string& what, const std::set<std::string>& known) {
    if (!node.IsMap()) {
      Fault(node, "expected " + what + " to be a mapping");
      return false;
    }
    for (const auto& member : node) {
      const std::string key = member.first.Scalar();
      if (!known.contains(key)) {
        std::string names;
        for (const auto& name : known) {
          names += (names.empty() ? "" : ", ") + name;
        }
        Fault(member.first, "unknown member `" + key + "` of " + what + "; known are: " + names);
      }
    }
    return true;
  }

  std::string ReadText(const YAML::Node& parent, const char* key) {
    const YAML::Node node = parent[key];
    if (!node) {
      return {};
    }
    if (!node.IsScalar()) {
      Fault(node, std::string("expected `") + key + "` to be text");
      return {};
    }
    return node.Scalar();
  }

  std::optional<std::int64_t> ReadCount(const YAML::Node& parent, const std::string& key) {
    const YAML::Node node = parent[key];
    if (!node) {
      return {};
    }
    std::int64_t value = 0;
    if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, value) || value < 0 || value > 1'000'000'000) {
      Fault(node, "expected `" + key + "` to be a whole number from 0 to 1000000000");
      return {};
    }
    return value;
  }

  Pattern ReadPattern(const YAML::Node& parent, const char* key) {
    if (!parent[key]) {
      return {};
    }
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_dot_nl(true);
    options.set_log_errors(false);
    options.set_max_mem(kMaxPatternMemory);
    auto pattern = std::make_shared<const RE2>(ReadText(parent, key), options);
    if (!pattern->ok()) {
      Fault(parent[key], std::string("expected `") + key + "` to be an RE2 pattern, found: " + pattern->error());
      return {};
    }
    return pattern;
  }

  Condition ReadCondition(const YAML::Node& node) {
    Condition when;
    if (!node || !CheckMembers(node, "`when`", {"prompt", "tool", "result", "system", "is_error", "turn", "offers"})) {
      return when;
    }
    when.prompt = ReadPattern(node, "prompt");
    when.tool = ReadPattern(node, "tool");
    when.result = ReadPattern(node, "result");
    when.system = ReadPattern(node, "system");
    when.turn = ReadCount(node, "turn");
    if (const YAML::Node flag = node["is_error"]) {
      bool value = false;
      if (!flag.IsScalar() || !YAML::convert<bool>::decode(flag, value)) {
        Fault(flag, "expected `is_error` to be true or false");
      }
      when.is_error = value;
    }
    if (const YAML::Node offers = node["offers"]) {
      if (offers.IsScalar()) {
        when.offers.push_back(offers.Scalar());
      } else if (offers.IsSequence()) {
        for (const auto& name : offers) {
          when.offers.push_back(name.Scalar());
        }
      } else {
        Fault(offers, "expected `offers` to be a tool name or a list of them");
      }
    }
    return when;
  }

  Block ReadBlock(const YAML::Node& node) {
    Block block;
    if (!CheckMembers(node, "a block of `say`", {"text", "thinking", "tool_use"})) {
      return block;
    }
    if (node.size() != 1) {
      Fault(node, "expected a block of `say` to hold exactly one of text, thinking, tool_use");
      return block;
    }
    if (node["text"]) {
      block.text = ReadText(node, "text");
      return block;
    }
    if (node["thinking"]) {
      block.kind = Block::Kind::kThinking;
      block.text = ReadText(node, "thinking");
      return block;
    }
    block.kind = Block::Kind::kToolUse;
    const YAML::Node tool = node["tool_use"];
    if (!CheckMembers(tool, "`tool_use`", {"name", "input"})) {
      return block;
    }
    block.tool_name = ReadText(tool, "name");
    if (block.tool_name.empty()) {
      Fault(tool, "expected `tool_use` to have a `name`");
    }
    block.input_json = "{}";
    if (const YAML::Node input = tool["input"]) {
      if (!input.IsMap()) {
        Fault(input, "expected `input` to be a mapping");
      } else if (auto json = YamlToJson(input); json.ok()) {
        block.input_json = *json;
      } else {
        Fault(input, std::string(json.status().message()));
      }
    }
    return block;
  }

  std::optional<Failure> ReadFailure(const YAML::Node& node) {
    if (!node || !CheckMembers(node, "`fail`", {"code", "message", "retry_after_ms", "after_deltas"})) {
      return {};
    }
    Failure failure;
    const std::string name = ReadText(node, "code");
    const auto* const row = std::find_if(std::begin(tutti_status_table), std::end(tutti_status_table),
                                         [&](const tutti_status_row& r) { return r.name == name; });
    if (row == std::end(tutti_status_table) || row->code == TUTTI_OK) {
      Fault(node, "expected `code` to be a status code such as UNAVAILABLE, found `" + name + "`");
    } else {
      failure.code = static_cast<Code>(row->code);
    }
    failure.message = ReadText(node, "message");
    if (failure.message.empty()) {
      failure.message = "the rehearsal script fails here on purpose";
    }
    failure.retry_after = std::chrono::milliseconds(ReadCount(node, "retry_after_ms").value_or(0));
    failure.after_deltas = ReadCount(node, "after_deltas").value_or(0);
    return failure;
  }

  Scene ReadScene(const YAML::Node& node) {
    Scene scene;
    if (!CheckMembers(node, "a scene", {"name", "when", "say", "stop_reason", "usage", "delay_ms", "fail", "times"})) {
      return scene;
    }
    scene.name = ReadText(node, "name");
    scene.when = ReadCondition(node["when"]);
    if (const YAML::Node say = node["say"]) {
      if (say.IsSequence()) {
        for (const auto& block : say) {
          scene.say.push_back(ReadBlock(block));
        }
      } else {
        Fault(say, "expected `say` to be a list of blocks");
      }
    }
    scene.fail = ReadFailure(node["fail"]);
    if (scene.say.empty() && !scene.fail) {
      Fault(node, "expected a scene to have `say` or `fail`");
    }
    ReadStopReason(node, scene);
    if (const YAML::Node usage = node["usage"]) {
      const std::set<std::string> names{"input_tokens", "output_tokens", "cache_read_input_tokens",
                                        "cache_creation_input_tokens"};
      if (CheckMembers(usage, "`usage`", names)) {
        for (const auto& name : names) {
          if (const auto count = ReadCount(usage, name)) {
            scene.usage[name] = *count;
          }
        }
      }
    }
    if (const auto delay = ReadCount(node, "delay_ms")) {
      scene.delay = std::chrono::milliseconds(*delay);
    }
    scene.times = ReadCount(node, "times").value_or(0);
    CheckPlaceholders(node, scene);
    return scene;
  }

  void ReadStopReason(const YAML::Node& node, Scene& scene) {
    static const std::set<std::string> kReasons{"end_turn",      "tool_use", "max_tokens",
                                                "stop_sequence", "refusal",  "pause_turn"};
    scene.stop_reason = ReadText(node, "stop_reason");
    if (!scene.stop_reason.empty() && !kReasons.contains(scene.stop_reason)) {
      Fault(node["stop_reason"],
            "expected `stop_reason` to be one of end_turn, tool_use, max_tokens, stop_sequence, "
            "refusal, pause_turn; found `" +
                scene.stop_reason + "`");
    }
  }

  void CheckPlaceholders(const YAML::Node& node, const Scene& scene) {
    const std::set<std::string> known = KnownPlaceholders(scene.when);
    for (const auto& block : scene.say) {
      for (const auto& name : PlaceholdersIn(block.text + " " + block.input_json)) {
        if (!known.contains(name)) {
          Fault(node, "`${" + name + "}` in scene `" + scene.name +
                          "` is neither a capture of its patterns nor one of prompt, result, tool, turn");
        }
      }
    }
  }

  const std::string& origin_;
  std::string faults_;
};

}  // namespace

Result<Script> ParseScript(std::string_view yaml, const std::string& origin) {
  try {
    Reader reader(origin);
    Script script = reader.ReadScript(YAML::Load(std::string(yaml)));
    if (!reader.faults().empty()) {
      return Status::InvalidArgument(reader.faults());
    }
    return script;
  } catch (const YAML::Exception& error) {
    return Status::InvalidArgument(origin + ":" + std::to_string(error.mark.line + 1) +
                                   ": expected a rehearsal script in YAML, found: " + error.msg);
  }
}

Result<std::vector<Script>> LoadScripts(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::directory_iterator(path, error)) {
      if (entry.path().extension() == ".yaml") {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin(), files.end());
  } else {
    files.emplace_back(path);
  }
  if (files.empty()) {
    return Status::NotFound("expected rehearsal scripts (*.yaml) in " + path + ", found none");
  }
  std::vector<Script> scripts;
  for (const auto& file : files) {
    const auto bytes = fs::file_size(file, error);
    if (error) {
      return Status::NotFound("expected a rehearsal script at " + file.string() + ": " + error.message());
    }
    if (bytes > kMaxFileBytes) {
      return Status::InvalidArgument("expected the rehearsal script " + file.string() + " to have at most " +
                                     std::to_string(kMaxFileBytes) + " bytes, found " + std::to_string(bytes));
    }
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    auto script = ParseScript(text.view(), file.string());
    if (!script.ok()) {
      return script.status();
    }
    scripts.push_back(std::move(*script));
  }
  return scripts;
}

}  // namespace tutti::rehearsal
