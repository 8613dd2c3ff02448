// A plugin that does what a plugin must not do, as its argument says. Written against the C boundary, so that nothing
// of the SDK catches what it does.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/hook.h"

namespace {

const tutti_host* host = nullptr;

constexpr std::string_view kDefinitions = R"([
  {"name":"wreck.do","effects":"read","timeout_ms":300,"rest":[{"method":"POST","path":"/wreck/do/{what}"}],
   "input":{"type":"object","properties":{"what":{"type":"string"}}}},
  {"name":"wreck.now","effects":"read","timeout_ms":300,"nonblocking":true,
   "rest":[{"method":"POST","path":"/wreck/now/{what}"}],
   "input":{"type":"object","properties":{"what":{"type":"string"}}}}])";

tutti_str Str(std::string_view text) {
  return {text.data(), text.size()};
}

bool Asks(tutti_str args, std::string_view what) {
  return std::string_view(args.data, args.size).find("\"" + std::string(what) + "\"") != std::string_view::npos;
}

tutti_code Finish(tutti_call call) {
  const auto* calls = static_cast<const tutti_host_calls*>(host->get_service(host, TUTTI_SERVICE_CALLS));
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.body = Str("{}");
  return calls->finish(host, call, &outcome);
}

[[noreturn]] void Hang() {
  while (true) {
    ::pause();
  }
}

void Segfault() {
  *reinterpret_cast<volatile int*>(8) = 1;
}

// Uses up the stack.
int Deepen(int depth) {
  volatile char here[4096];
  here[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : Deepen(depth - 1) + here[0];
}

void Describe(void*, const tutti_sink* definitions) {
  definitions->write(definitions->user, Str(kDefinitions));
}

void Invoke(void*, const tutti_call_info* info, tutti_str, tutti_str args) {
  if (Asks(args, "segfault")) {
    Segfault();
  } else if (Asks(args, "overflow")) {
    std::exit(Deepen(1'000'000));
  } else if (Asks(args, "abort")) {
    std::abort();
  } else if (Asks(args, "trap")) {
    ::raise(SIGTRAP);
  } else if (Asks(args, "own-thread")) {
    std::thread(&Segfault).join();
  } else if (Asks(args, "throw")) {
    throw std::runtime_error("the wreck is unwell");
  } else if (Asks(args, "throw-number")) {
    throw 7;
  } else if (Asks(args, "hang")) {
    Hang();
  } else if (Asks(args, "forget")) {
    return;
  } else if (Asks(args, "post-hang")) {
    const auto* executor = static_cast<const tutti_host_executor*>(host->get_service(host, TUTTI_SERVICE_EXECUTOR));
    executor->post(
        host, [](void*) { Hang(); }, nullptr);
  } else if (Asks(args, "twice")) {
    Finish(info->call);
  } else if (Asks(args, "foreign")) {
    Finish(info->call + 1000000);
  }
  Finish(info->call);
}

void OnEvents(void*, const tutti_event* events, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (Asks(events[i].data, "events-hang")) {
      Hang();
    }
    if (Asks(events[i].data, "events-segfault")) {
      Segfault();
    }
  }
}

tutti_code Ok(void*, tutti_str, const tutti_sink*) {
  return TUTTI_OK;
}

const void* Extension(void*, const char* id) {
  static constexpr tutti_command kCommand{sizeof kCommand, &Describe, &Invoke};
  static constexpr tutti_hook kHook{sizeof kHook, nullptr, &OnEvents};
  const std::string_view kind(id);
  return kind == TUTTI_KIND_COMMAND ? static_cast<const void*>(&kCommand)
         : kind == TUTTI_KIND_HOOK  ? static_cast<const void*>(&kHook)
                                    : nullptr;
}

tutti_code Create(const tutti_host* given, tutti_plugin* plugin, const tutti_sink*) {
  host = given;
  plugin->init = &Ok;
  plugin->activate = [](void*, const tutti_sink*) -> tutti_code { return TUTTI_OK; };
  plugin->deactivate = [](void*) {};
  plugin->destroy = [](void*) {};
  plugin->get_extension = &Extension;
  return TUTTI_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.wreck", "1.2.0", &Create};
