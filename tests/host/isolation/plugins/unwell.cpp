// A plugin that behaves as badly as its arguments say: one command for each way to go wrong, an observing hook,
// storage.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/config.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/storage.h"
#include "tutti/sdk/call.hpp"

namespace {

using tutti::Str;
using tutti::View;

const tutti_host* host;
const tutti_host_calls* calls;
std::atomic<int> schemas{0};
std::atomic<int> activations{0};
std::mutex observed_mutex;
std::string observed;  // guarded by observed_mutex; the order of what on_events saw

void Finish(tutti_call call, std::string_view body) {
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.body = Str(body);
  calls->finish(host, call, &outcome);
}

std::string Quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

void Describe(void*, const tutti_sink* out) {
  std::string all = "[";
  for (const char* name :
       {"crash", "exit",     "spin", "eat",  "twice", "late",  "emit",  "print",  "services",    "secret",
        "count", "observed", "call", "stop", "close", "noise", "large", "linger", "environment", "hold"}) {
    all += (all.size() > 1 ? "," : "") + std::string(R"({"name":"unwell.)") + name + R"("})";
  }
  tutti::Write(out, all + "]");
}

// A call whose end is another's.
struct Waiting {
  tutti_call call;
};

void OnInner(void* user, const tutti_outcome* outcome) {
  auto* waiting = static_cast<Waiting*>(user);
  calls->finish(host, waiting->call, outcome);
  delete waiting;
}

void Emit(tutti_call call, std::string_view args) {
  const int count = std::atoi(std::string(args.substr(args.find(':') + 1)).c_str());
  int accepted = 0;
  tutti_code last = TUTTI_OK;
  while (accepted < count && (last = calls->emit(host, call, Str(std::to_string(accepted)))) == TUTTI_OK) {
    ++accepted;
  }
  Finish(call, R"({"accepted":)" + std::to_string(accepted) + R"(,"last":)" + std::to_string(last) + "}");
}

void Invoke(void*, const tutti_call_info* info, tutti_str raw_name, tutti_str raw_args) {
  const std::string_view name = View(raw_name).substr(sizeof "unwell." - 1);
  const tutti_call call = info->call;
  if (name == "crash") {
    ::raise(SIGSEGV);
  } else if (name == "exit") {
    ::_exit(3);
  } else if (name == "spin") {
    calls->emit(host, call, Str("{}"));
    for (std::atomic<int> turns{0};; ++turns) {
    }
  } else if (name == "eat") {
    std::vector<char*> eaten;
    for (int i = 0; i < 64; ++i) {
      eaten.push_back(new char[32UL << 20U]);
      std::memset(eaten.back(), i + 1, 32UL << 20U);
    }
    for (char* block : eaten) {
      delete[] block;
    }
  } else if (name == "twice") {
    Finish(call, "\"first\"");
    Finish(call, "\"second\"");
    return;
  } else if (name == "late") {
    std::thread([call] {
      while (calls->cancelled(host, call) == 0) {
        std::this_thread::yield();
      }
      Finish(call, "\"late\"");
      Finish(call, "\"later\"");
    }).detach();
    return;
  } else if (name == "emit") {
    return Emit(call, View(raw_args));
  } else if (name == "print") {
    std::fputs("a line on stdout\n", stdout);
    std::fflush(stdout);
    std::fputs("a line on stderr\n", stderr);
  } else if (name == "services") {
    std::string list;
    for (const char* id : {TUTTI_SERVICE_LOG, TUTTI_SERVICE_CALLS, TUTTI_SERVICE_CONFIG, TUTTI_SERVICE_COMMANDS,
                           TUTTI_SERVICE_STORE, TUTTI_SERVICE_HOOKS, "tutti.host.gateway/0"}) {
      list += host->get_service(host, id) != nullptr ? "1" : "0";
    }
    return Finish(call, Quoted(list));
  } else if (name == "secret") {
    const auto* config = static_cast<const tutti_host_config*>(host->get_service(host, TUTTI_SERVICE_CONFIG));
    std::string value;
    const tutti_sink sink{sizeof sink, &value,
                          [](void* user, tutti_str bytes) { static_cast<std::string*>(user)->append(View(bytes)); }};
    const tutti_code secret = config->secret(host, Str("secret://TUTTI_TEST_SECRET"), &sink);
    const tutti_code key = config->get(host, Str("/key"), &sink);
    return Finish(call, Quoted(std::to_string(secret) + " " + std::to_string(key) + " " +
                               (value.empty() ? "" : std::to_string(value.size()))));
  } else if (name == "count") {
    return Finish(
        call, R"({"schemas":)" + std::to_string(schemas) + R"(,"activations":)" + std::to_string(activations) + "}");
  } else if (name == "observed") {
    const std::lock_guard lock(observed_mutex);
    return Finish(call, Quoted(observed));
  } else if (name == "call") {
    const auto* commands = static_cast<const tutti_host_commands*>(host->get_service(host, TUTTI_SERVICE_COMMANDS));
    tutti_command_request request{};
    request.size = sizeof request;
    request.parent = call;
    request.name = Str("probe.echo");
    request.args = Str(R"({"text":"from afar"})");
    const tutti_reply reply{sizeof reply, new Waiting{call}, nullptr, &OnInner};
    return commands->invoke(host, &request, &reply, nullptr);
  } else if (name == "hold") {
    // Starts a call that ends only when it is cancelled, and then dies: who cancels it?
    const auto* commands = static_cast<const tutti_host_commands*>(host->get_service(host, TUTTI_SERVICE_COMMANDS));
    tutti_command_request request{};
    request.size = sizeof request;
    request.name = Str("probe.wait");
    request.args = Str("{}");
    const tutti_reply reply{sizeof reply, new Waiting{0}, nullptr, &OnInner};
    commands->invoke(host, &request, &reply, nullptr);
    return Finish(call, "\"held\"");
  } else if (name == "stop") {
    ::raise(SIGSTOP);
  } else if (name == "close") {
    // By number: the thread sanitizer would end the process first, for closing what another thread writes to.
    (void)::syscall(SYS_close, 3);
    ::pause();
  } else if (name == "noise") {
    const char noise[] = "\x10\0\0\0this is no frame that a host knows";
    (void)!::write(3, noise, sizeof noise);
    ::pause();
  } else if (name == "large") {
    return Finish(call, Quoted(std::string(2UL << 20U, 'x')));
  } else if (name == "linger") {
    return;  // never finished
  } else if (name == "environment") {
    std::string names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      names += std::string(*entry).substr(0, std::string(*entry).find('=')) + " ";
    }
    return Finish(call, Quoted(names));
  }
  Finish(call, "\"done\"");
}

void OnEvents(void*, const tutti_event* events, std::size_t count) {
  const std::lock_guard lock(observed_mutex);
  for (std::size_t i = 0; i < count; ++i) {
    observed += std::to_string(events[i].seq) + ",";
  }
}

void EnsureSchema(void*, const tutti_call_info* info, tutti_str) {
  ++schemas;
  Finish(info->call, "{}");
}

void Execute(void*, const tutti_call_info* info, tutti_str batch) {
  Finish(info->call, View(batch));
}

void Stats(void*, const tutti_sink* out) {
  tutti::Write(out, R"({"healthy":true,"engine":"unwell"})");
}

constexpr tutti_command kCommand{sizeof kCommand, &Describe, &Invoke};
constexpr tutti_hook kHook{sizeof kHook, nullptr, &OnEvents};
constexpr tutti_storage kStorage{sizeof kStorage, &EnsureSchema, &Execute, &Stats, nullptr, nullptr};

// One table for whatever is asked; what is NULL in it is missing as a command.
bool has_one_table = false;

tutti_code Init(void*, tutti_str config, const tutti_sink* error) {
  if (View(config).find("refuse") != std::string_view::npos) {
    tutti::Write(error, "it was told to refuse");
    return TUTTI_FAILED_PRECONDITION;
  }
  if (View(config).find("die") != std::string_view::npos) {
    ::raise(SIGABRT);
  }
  has_one_table = View(config).find("one table") != std::string_view::npos;
  return TUTTI_OK;
}

tutti_code Activate(void*, const tutti_sink*) {
  ++activations;
  return TUTTI_OK;
}

void Nothing(void*) {}

const void* GetExtension(void*, const char* id) {
  if (has_one_table) {
    return &kHook;
  }
  return std::strcmp(id, TUTTI_KIND_COMMAND) == 0   ? static_cast<const void*>(&kCommand)
         : std::strcmp(id, TUTTI_KIND_HOOK) == 0    ? static_cast<const void*>(&kHook)
         : std::strcmp(id, TUTTI_KIND_STORAGE) == 0 ? static_cast<const void*>(&kStorage)
                                                    : nullptr;
}

tutti_code Create(const tutti_host* of, tutti_plugin* plugin, const tutti_sink*) {
  host = of;
  calls = static_cast<const tutti_host_calls*>(of->get_service(of, TUTTI_SERVICE_CALLS));
  plugin->init = &Init;
  plugin->activate = &Activate;
  plugin->deactivate = &Nothing;
  plugin->destroy = &Nothing;
  plugin->get_extension = &GetExtension;
  return TUTTI_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "test.unwell", "1.0.0", &Create};
