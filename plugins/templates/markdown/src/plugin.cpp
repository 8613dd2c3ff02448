#include "tutti/sdk/plugin.hpp"

#include <memory>

#include "template_folder.h"
#include "tutti/sdk/text.hpp"

namespace tutti::markdown {
namespace {

class MarkdownTemplates {
 public:
  explicit MarkdownTemplates(Host host) : host_(host) {}

  Status Init(const Config& config) {
    FolderLimits limits;
    limits.files = static_cast<std::size_t>(config["max_files"].AsInt(500));
    limits.file_bytes = static_cast<std::uint64_t>(config["max_file_bytes"].AsInt(65536));
    limits.entries = static_cast<std::size_t>(config["max_entries"].AsInt(10000));
    folder_ =
        std::make_unique<TemplateFolder>(std::string(config["directory"].AsString(".claude/agents")), limits,
                                         [host = host_](const std::string& path, std::string_view problem) {
                                           host.Log(TUTTI_LOG_WARNING, "a template cannot be used",
                                                    JsonObject()("path", CleanUtf8(path))("problem", problem).Take());
                                         });
    return {};
  }

  Result<std::string> List(const Call&) { return folder_->List(); }

  Result<std::string> Get(std::string_view name, const Call&) { return folder_->Get(name); }

 private:
  Host host_;
  std::unique_ptr<TemplateFolder> folder_;
};

}  // namespace
}  // namespace tutti::markdown

TUTTI_PLUGIN(tutti::markdown::MarkdownTemplates, "tutti.templates.markdown", "0.1.0")
