// A plugin of every kind but transport that does one thing wrong in one place, as its configuration says:
//   trouble: "<what> in <where>"
// `where` is one of its functions, or callback for a function it posted. Written against the C boundary, so that
// nothing of the SDK catches what it does. What create does is said at build time, because it has no configuration.
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/executor.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"
#include "tutti/abi/metrics.h"
#include "tutti/abi/model.h"
#include "tutti/abi/plugin.h"
#include "tutti/abi/runtime.h"
#include "tutti/abi/storage.h"
#include "tutti/abi/template.h"
#include "tutti/sdk/call.hpp"

#ifndef ANIMAL_TROUBLE
#define ANIMAL_TROUBLE ""
#endif
#ifndef ANIMAL_MAGIC
#define ANIMAL_MAGIC TUTTI_ENTRY_MAGIC
#endif
#ifndef ANIMAL_MAJOR
#define ANIMAL_MAJOR TUTTI_ABI_MAJOR
#endif
#ifndef ANIMAL_SIZE
#define ANIMAL_SIZE sizeof(tutti_entry)
#endif
#ifndef ANIMAL_ENTRY
#define ANIMAL_ENTRY tutti_plugin_entry
#endif

namespace {

using tutti::Str;
using tutti::View;
using tutti::Write;

const tutti_host* host = nullptr;
std::string trouble = ANIMAL_TROUBLE;

constexpr std::size_t kPiece = 32UL << 20U;
constexpr std::size_t kLeak = 1UL << 30U;

template <typename Table>
const Table* Service(const char* id, const tutti_host* of = host) {
  return static_cast<const Table*>(of->get_service(of, id));
}

bool Is(const char* what, std::string_view where) {
  return trouble == std::string(what) + " in " + std::string(where);
}

tutti_code Finish(tutti_call call, std::string_view body) {
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.body = Str(body);
  return Service<tutti_host_calls>(TUTTI_SERVICE_CALLS)->finish(host, call, &outcome);
}

void Do(std::string_view where) {
  if (Is("crash", where)) {
    *reinterpret_cast<volatile int*>(8) = 1;
  } else if (Is("abort", where)) {
    std::abort();
  } else if (Is("hang", where)) {
    while (true) {
      ::pause();
    }
  } else if (Is("spin", where)) {
    for (std::atomic<unsigned> turns{0};; ++turns) {
    }
  } else if (Is("throw", where)) {
    throw std::runtime_error("the animal is unwell");
  }
}

// Takes memory and writes to all of it, and keeps it. What it got, in MiB.
std::size_t Leak() {
  std::size_t got = 0;
  while (got < kLeak) {
    void* piece = std::malloc(kPiece);
    if (piece == nullptr) {
      break;
    }
    std::memset(piece, 1, kPiece);
    got += kPiece;
  }
  return got >> 20U;
}

// A child, which ends when somebody ends it. -1: none was made.
pid_t Fork() {
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) {
      ::pause();
    }
  }
  return child;
}

// What a thread does that nobody ended: it uses all it was given, as long as the process lasts. The next instance has
// another host.
void Haunt(const tutti_host* mine, tutti_call call) {
  const auto* log = Service<tutti_host_log>(TUTTI_SERVICE_LOG, mine);
  const auto* calls = Service<tutti_host_calls>(TUTTI_SERVICE_CALLS, mine);
  const auto* executor = Service<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR, mine);
  const auto* metrics = Service<tutti_host_metrics>(TUTTI_SERVICE_METRICS, mine);
  const auto* commands = Service<tutti_host_commands>(TUTTI_SERVICE_COMMANDS, mine);
  const tutti_reply reply{sizeof reply, nullptr, nullptr, [](void*, const tutti_outcome*) {}};
  tutti_outcome outcome{};
  outcome.size = sizeof outcome;
  tutti_command_request request{};
  request.size = sizeof request;
  request.name = Str("keeper.ok");
  request.args = Str("{}");
  while (true) {
    (void)mine->get_service(mine, TUTTI_SERVICE_LOG);
    (void)log->enabled(mine, TUTTI_LOG_DEBUG);
    (void)calls->cancelled(mine, call);
    (void)calls->emit(mine, call, Str("{}"));
    (void)calls->finish(mine, call, &outcome);
    metrics->add(mine, Str("haunts_total"), {}, 1);
    (void)executor->post(
        mine, [](void*) {}, nullptr);
    if (commands != nullptr) {
      commands->invoke(mine, &request, &reply, nullptr);
    }
    std::this_thread::yield();
  }
}

// Every call ends here.
void Answer(tutti_call call, std::string_view where, std::string_view body) {
  Do(where);
  if (Is("garbage", where)) {
    Finish(call, "{\"this is\" no JSON\x01");
  } else if (Is("twice", where)) {
    Finish(call, body);
    Finish(call, R"({"second":true})");
  } else if (Is("late", where)) {
    std::thread([call] {
      const auto* calls = Service<tutti_host_calls>(TUTTI_SERVICE_CALLS);
      while (calls->emit(host, call, Str("{}")) != TUTTI_NOT_FOUND) {
        std::this_thread::yield();
      }
      Finish(call, R"({"late":true})");
    }).detach();
  } else if (Is("haunt", where)) {
    Finish(call, body);  // first: the thread finishes it as well
    std::thread(&Haunt, host, call).detach();
  } else if (Is("leak", where)) {
    Finish(call, R"({"mb":)" + std::to_string(Leak()) + "}");
  } else if (Is("fork", where)) {
    const pid_t child = Fork();
    const int error = child < 0 ? errno : 0;
    Finish(call, R"({"child":)" + std::to_string(child) + R"(,"error":)" + std::to_string(error) + "}");
  } else {
    Finish(call, body);
  }
}

void Tell(const tutti_sink* out, std::string_view where, std::string_view text) {
  Do(where);
  Write(out, Is("garbage", where) ? std::string_view("{\"this is\" no JSON") : text);
}

// ---- kinds

void Describe(void*, const tutti_sink* out) {
  Tell(out, "describe", R"([{"name":"animal.do","effects":"read","timeout_ms":300,"input":{"type":"object"}},
                            {"name":"animal.post","effects":"read","timeout_ms":300,"input":{"type":"object"}}])");
}

void Invoke(void*, const tutti_call_info* info, tutti_str name, tutti_str) {
  if (View(name) == "animal.post") {
    (void)Service<tutti_host_executor>(TUTTI_SERVICE_EXECUTOR)
        ->post(
            host, [](void*) { Do("callback"); }, nullptr);
    Finish(info->call, "{}");
    return;
  }
  Answer(info->call, "invoke", R"({"well":true})");
}

void OnPoint(void*, const tutti_call_info* info, const tutti_point*, tutti_str) {
  Answer(info->call, "on_point", "");
}

void OnEvents(void*, const tutti_event*, std::size_t) {
  Do("on_events");
}

void Models(void*, const tutti_sink* out) {
  Tell(out, "models",
       R"({"default":"animal","models":[{"id":"animal","aliases":[],"context_tokens":1000,"max_output_tokens":1000,)"
       R"("prices":null}]})");
}

void Complete(void*, const tutti_call_info* info, tutti_str) {
  Answer(info->call, "complete",
         R"({"model":"animal","stop_reason":"end_turn","content":[],"usage":{"input_tokens":1,"output_tokens":1,)"
         R"("cache_read_input_tokens":0,"cache_creation_input_tokens":0},"cost_usd":null,"request_id":"1"})");
}

void Start(void*, const tutti_call_info* info, tutti_str) {
  Answer(info->call, "start",
         R"({"stop_reason":"end_turn","num_turns":1,"duration_ms":1,"usage":{},"cost_usd":null,"text":""})");
}

void List(void*, const tutti_call_info* info) {
  Answer(info->call, "list", R"({"templates":[]})");
}

void Get(void*, const tutti_call_info* info, tutti_str) {
  Answer(info->call, "get",
         R"({"name":"cat","description":"A cat.","system_prompt":"Purr.","tools":null,)"
         R"("model":null,"color":null,"source":"zoo"})");
}

void EnsureSchema(void*, const tutti_call_info* info, tutti_str) {
  Answer(info->call, "ensure_schema", R"({"namespace":"host","version":1,"created":[],"changed":[]})");
}

void Execute(void*, const tutti_call_info* info, tutti_str) {
  Answer(info->call, "execute", R"({"results":[[]]})");
}

void Stats(void*, const tutti_sink* out) {
  Tell(out, "stats", R"({"healthy":true,"engine":"animal"})");
}

constexpr tutti_command kCommand{sizeof kCommand, &Describe, &Invoke};
constexpr tutti_hook kHook{sizeof kHook, &OnPoint, &OnEvents};
constexpr tutti_model kModel{sizeof kModel, &Models, &Complete};
constexpr tutti_runtime kRuntime{sizeof kRuntime, &Start};
constexpr tutti_template kTemplate{sizeof kTemplate, &List, &Get};
constexpr tutti_storage kStorage{sizeof kStorage, &EnsureSchema, &Execute, &Stats, nullptr, nullptr};

// ---- life cycle

tutti_code Init(void*, tutti_str config, const tutti_sink*) {
  constexpr std::string_view kKey = R"("trouble":")";
  const std::string_view text = View(config);
  if (const std::size_t at = text.find(kKey); at != std::string_view::npos) {
    const std::size_t begin = at + kKey.size();
    trouble = text.substr(begin, text.find('"', begin) - begin);
  }
  Do("init");
  return TUTTI_OK;
}

tutti_code Activate(void*, const tutti_sink*) {
  Do("activate");
  return TUTTI_OK;
}

void Deactivate(void*) {
  Do("deactivate");
}

void Destroy(void*) {
  Do("destroy");
}

const void* GetExtension(void*, const char* id) {
  Do("get_extension");
  const std::string_view kind(id);
  return kind == TUTTI_KIND_COMMAND    ? static_cast<const void*>(&kCommand)
         : kind == TUTTI_KIND_HOOK     ? static_cast<const void*>(&kHook)
         : kind == TUTTI_KIND_MODEL    ? static_cast<const void*>(&kModel)
         : kind == TUTTI_KIND_RUNTIME  ? static_cast<const void*>(&kRuntime)
         : kind == TUTTI_KIND_TEMPLATE ? static_cast<const void*>(&kTemplate)
         : kind == TUTTI_KIND_STORAGE  ? static_cast<const void*>(&kStorage)
                                       : nullptr;
}

tutti_code Create(const tutti_host* given, tutti_plugin* plugin, const tutti_sink*) {
  host = given;
  Do("create");
  plugin->init = &Init;
  plugin->activate = &Activate;
  plugin->deactivate = &Deactivate;
  plugin->destroy = &Destroy;
  plugin->get_extension = &GetExtension;
  return TUTTI_OK;
}

}  // namespace

#ifdef ANIMAL_CROWD
// Symbols that are nobody's business, among them some that the process has already.
#define ANIMAL_EXPORT(name)                                      \
  extern "C" __attribute__((visibility("default"))) int name() { \
    std::abort();                                                \
  }
ANIMAL_EXPORT(animal_symbol_1)
ANIMAL_EXPORT(animal_symbol_2)
ANIMAL_EXPORT(animal_symbol_3)
ANIMAL_EXPORT(animal_symbol_4)
ANIMAL_EXPORT(animal_symbol_5)
ANIMAL_EXPORT(animal_symbol_6)
ANIMAL_EXPORT(animal_symbol_7)
ANIMAL_EXPORT(animal_symbol_8)
ANIMAL_EXPORT(animal_symbol_9)
ANIMAL_EXPORT(animal_symbol_10)
ANIMAL_EXPORT(animal_symbol_11)
ANIMAL_EXPORT(animal_symbol_12)
ANIMAL_EXPORT(animal_symbol_13)
ANIMAL_EXPORT(animal_symbol_14)
ANIMAL_EXPORT(animal_symbol_15)
ANIMAL_EXPORT(sqlite3_step)
ANIMAL_EXPORT(SSL_read)
ANIMAL_EXPORT(ZSTD_compress)
ANIMAL_EXPORT(curl_easy_perform)
#endif

extern "C" __attribute__((visibility("default"))) const tutti_entry ANIMAL_ENTRY = {
    ANIMAL_MAGIC, ANIMAL_SIZE, ANIMAL_MAJOR, TUTTI_ABI_MINOR, "org.example.animal", "1.0.0", &Create};
