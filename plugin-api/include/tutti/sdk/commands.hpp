// CommandSet: a table from command names to handlers, for plugins that serve several.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tutti/sdk/call.hpp"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/plugin.hpp"
#include "tutti/sdk/task.hpp"

namespace tutti {

// Fill it in the plugin's constructor; afterwards it is read from any thread.
class CommandSet {
 public:
  // `call` and `args` stay valid until the Task has ended.
  using Handler = std::function<Task<Result<std::string>>(const Call& call, JsonView args)>;
  // Answers at once; for commands declared nonblocking.
  using DirectHandler = std::function<Result<std::string>(const Call& call, JsonView args)>;

  // `definition` is one JSON object as in tutti/abi/command.h; its "name" is the key.
  void Add(std::string definition, Handler handler) { Insert(std::move(definition), {std::move(handler), {}}); }

  void AddDirect(std::string definition, DirectHandler handler) {
    Insert(std::move(definition), {{}, std::move(handler)});
  }

  // JSON array of the definitions, in the order they were added.
  [[nodiscard]] std::string Describe() const {
    JsonWriter writer;
    writer.BeginArray();
    for (const std::string& definition : definitions_) {
      writer.Raw(definition);
    }
    return writer.EndArray().Take();
  }

  void Invoke(std::string_view name, std::string_view args, Call call) const {
    const auto found = handlers_.find(name);
    if (found == handlers_.end()) {
      call.Finish(Status::NotFound("this plugin has no command named " + std::string(name)));
      return;
    }
    Result<Json> parsed = Json::Parse(args.empty() ? std::string_view("{}") : args);
    if (!parsed.ok()) {
      call.Finish(parsed.status());
      return;
    }
    const Entry& entry = found->second;
    if (entry.direct) {
      internal::Answer(call, [&] { return entry.direct(call, parsed->view()); });
      return;
    }
    auto kept = std::make_shared<const Json>(std::move(*parsed));
    internal::Answer(call, [&entry, kept, call] { return entry.handler(call, kept->view()); });
  }

 private:
  struct Entry {
    Handler handler;
    DirectHandler direct;
  };

  void Insert(std::string definition, Entry entry) {
    Result<Json> parsed = Json::Parse(definition);
    if (!parsed.ok()) {
      throw std::invalid_argument("command definition: " + parsed.status().ToString() + " in " + definition);
    }
    handlers_.emplace((*parsed)["name"].AsString(), std::move(entry));
    definitions_.push_back(std::move(definition));
  }

  std::vector<std::string> definitions_;
  std::map<std::string, Entry, std::less<>> handlers_;
};

}  // namespace tutti
