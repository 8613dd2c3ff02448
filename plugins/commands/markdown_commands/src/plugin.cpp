#include "tutti/sdk/plugin.hpp"

#include <memory>
#include <utility>

#include "command_catalog.h"
#include "definitions.h"
#include "expansion.h"
#include "settings.h"
#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown_commands {

class MarkdownCommands {
 public:
  explicit MarkdownCommands(Host host) : host_(host) {
    commands_.AddDirect(kListDefinition,
                        [this](const Call&, JsonView) -> Result<std::string> { return store_->Look()->List(); });
    commands_.Add(kExpandDefinition, [this](const Call& call, JsonView args) {
      ExpansionRequest request;
      request.name = args["name"].AsString();
      request.arguments = args["arguments"].AsString();
      request.session = args["session_id"].AsString();
      request.is_by_model = args["by"].AsString() == "model";
      return Expand(host_, call.id(), store_->Look(), std::move(request), limits_);
    });
  }

  Status Init(const Config& config) {
    Result<documents::Settings> settings = documents::Settings::Read(config);
    if (!settings.ok()) {
      return settings.status();
    }
    const auto size = [&](const char* key, std::size_t fallback) {
      return static_cast<std::size_t>(config[key].AsInt(static_cast<std::int64_t>(fallback)));
    };
    limits_.argument_bytes = size("max_argument_bytes", limits_.argument_bytes);
    limits_.text_bytes = size("max_text_bytes", limits_.text_bytes);
    limits_.shell_commands = size("max_shell_commands", limits_.shell_commands);
    store_ = std::make_unique<Store>(std::move(settings->roots), std::vector<std::string>{".md"}, settings->limits,
                                     &Parse, &CommandCatalog::Make,
                                     [host = host_](const std::string& path, std::string_view problem) {
                                       host.Log(TUTTI_LOG_WARNING, "a command file or directory has a problem",
                                                JsonObject()("path", CleanUtf8(path))("problem", problem).Take());
                                     });
    return {};
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  using Store = documents::DocumentStore<CommandFile, CommandCatalog>;

  static CommandFile Parse(const documents::FoundFile& place, const Result<std::string>& text) {
    if (text.ok()) {
      return ParseCommandFile(*text, CleanUtf8(place.path));
    }
    CommandFile unread;
    unread.error = CleanUtf8(text.status().message());
    return unread;
  }

  const Host host_;
  CommandSet commands_;
  ExpansionLimits limits_;
  std::unique_ptr<Store> store_;
};

}  // namespace tutti::markdown_commands

TUTTI_PLUGIN(tutti::markdown_commands::MarkdownCommands, "tutti.commands.markdown_commands", "0.1.0")
