// TemplatePlugin: the plugin around a way to read one file. F: static AgentTemplate Parse(text, path), and
// static std::vector<std::string> Extensions().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings.h"
#include "template_catalog.h"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/text.hpp"

namespace tutti::templates {

template <typename F>
class TemplatePlugin {
 public:
  explicit TemplatePlugin(Host host) : host_(host) {}

  Status Init(const Config& config) {
    Result<documents::Settings> settings = documents::Settings::Read(config);
    if (!settings.ok()) {
      return settings.status();
    }
    store_ = std::make_unique<Store>(std::move(settings->roots), F::Extensions(), settings->limits, &Parse,
                                     &TemplateCatalog::Make<typename Store::Document>,
                                     [host = host_](const std::string& path, std::string_view problem) {
                                       host.Log(TUTTI_LOG_WARNING, "a template file or directory has a problem",
                                                JsonObject()("path", CleanUtf8(path))("problem", problem).Take());
                                     });
    return {};
  }

  Result<std::string> List(const Call&) { return store_->Look()->List(); }

  Result<std::string> Get(std::string_view name, const Call&) { return store_->Look()->Get(name); }

 private:
  using Store = documents::DocumentStore<AgentTemplate, TemplateCatalog>;

  static AgentTemplate Parse(const documents::FoundFile& place, const Result<std::string>& text) {
    if (text.ok()) {
      return F::Parse(*text, CleanUtf8(place.path));
    }
    AgentTemplate unread;
    unread.error = CleanUtf8(text.status().message());
    return unread;
  }

  const Host host_;
  std::unique_ptr<Store> store_;
};

}  // namespace tutti::templates
