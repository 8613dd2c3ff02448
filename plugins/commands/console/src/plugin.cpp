#include "tutti/sdk/plugin.hpp"

#include "page.h"
#include "tutti/sdk/commands.hpp"

namespace tutti::console {
namespace {

constexpr const char* kPage = R"({
  "name": "console.page", "summary": "The page for a browser.", "effects": "read", "nonblocking": true,
  "surfaces": ["rest"], "input": {"type": "object", "properties": {}},
  "rest": [{"method": "GET", "path": "/", "errors": "detail", "answer": "raw", "public": true}]})";

constexpr const char* kFile = R"({
  "name": "console.file", "summary": "A style sheet, script or picture of the page.", "effects": "read",
  "nonblocking": true, "surfaces": ["rest"],
  "input": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string"}}},
  "rest": [{"method": "GET", "path": "/console/{file}", "errors": "detail", "answer": "raw", "public": true}]})";

}  // namespace

class ConsolePlugin {
 public:
  explicit ConsolePlugin(Host) : page_(PageFiles()) {
    commands_.AddDirect(kPage, [this](const Call&, JsonView) { return page_.Answer(Page::kIndex); });
    commands_.AddDirect(kFile, [this](const Call&, JsonView args) { return page_.Answer(args["file"].AsString()); });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  const Page page_;
  CommandSet commands_;
};

}  // namespace tutti::console

TUTTI_PLUGIN(tutti::console::ConsolePlugin, "tutti.commands.console", "0.1.0")
