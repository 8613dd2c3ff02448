#include "tests/zoo/zoo.h"

#include <Poco/Exception.h>

#include <cctype>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

namespace tutti::test {

namespace {

// Between two requests of the visitor: it is to notice a server that stands still, not to wear it out.
constexpr std::chrono::milliseconds kPace{2};

struct ProcessId {
  int pid = 0;
  std::string started;  // in ticks since boot: a number may be used again

  bool operator==(const ProcessId&) const = default;
};

// What /proc/<pid>/stat says behind the name: state, parent, ... Empty: there is no such process.
std::vector<std::string> StatOf(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text);
  const std::size_t end = text.rfind(')');
  std::vector<std::string> fields;
  std::istringstream rest(end == std::string::npos ? std::string() : text.substr(end + 1));
  for (std::string field; rest >> field;) {
    fields.push_back(field);
  }
  return fields.size() > 19 ? fields : std::vector<std::string>();
}

// Everything that was started below this process, at any depth.
std::vector<ProcessId> Below(int root) {
  std::multimap<int, ProcessId> by_parent;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (const std::vector<std::string> stat = pid > 0 ? StatOf(pid) : std::vector<std::string>(); !stat.empty()) {
      by_parent.emplace(std::stoi(stat[1]), ProcessId{pid, stat[19]});
    }
  }
  std::vector<ProcessId> below;
  std::vector<int> next{root};
  while (!next.empty()) {
    const auto [begin, end] = by_parent.equal_range(next.back());
    next.pop_back();
    for (auto at = begin; at != end; ++at) {
      below.push_back(at->second);
      next.push_back(at->second.pid);
    }
  }
  return below;
}

bool IsGone(const ProcessId& process) {
  const std::vector<std::string> stat = StatOf(process.pid);
  return stat.empty() || stat[0] == "Z" || stat[19] != process.started;
}

}  // namespace

std::string CaseName(const std::string& text) {
  std::string name;
  bool is_start = true;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      is_start = true;
      continue;
    }
    name += is_start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    is_start = false;
  }
  return name;
}

Visitor::Visitor(std::uint16_t port) : thread_([this, port] { Ask(port); }) {
  // From here on something that stands still is seen.
  while (answered_ == 0 && !is_over_) {
    std::this_thread::yield();
  }
}

void Visitor::Ask(std::uint16_t port) {
  while (!is_over_ && !has_failed_) {
    std::string failure;
    try {
      const HttpAnswer answer = Request(port, "POST", "/v1/commands/keeper.ok", "{}");
      if (answer.status != 200 || answer.body != R"({"ok":true})") {
        failure = std::to_string(answer.status) + " " + answer.body;
      }
    } catch (const Poco::Exception& error) {
      failure = error.displayText();
    }
    if (!failure.empty()) {
      failure_ = "request " + std::to_string(answered_ + 1) + ": " + failure;
      has_failed_ = true;
    }
    ++answered_;
    std::this_thread::sleep_for(kPace);
  }
}

std::string Visitor::Stop() {
  if (thread_.joinable()) {
    const std::uint64_t before = answered_;
    while (answered_ == before && !has_failed_) {
      std::this_thread::yield();  // one more request that began after everything that happened
    }
    is_over_ = true;
    thread_.join();
  }
  return failure_;
}

void Zoo::SetUp() {
  LiveServer::SetUp();
  Unlist("tutti.storage.sqlite");
  SetHost(
      "  stop_timeout_ms: 1000\n"
      "  executor: {workers: 4, lost_threads: 8}\n"
      "  calls: {cancel_grace_ms: 100}\n"
      "  hooks: {timeout_ms: 300}\n"
      "  templates: {timeout_ms: 300}\n"
      "  plugins: {drain_ms: 300}\n"
      "  containment: {callback_limit_ms: 300, strikes: 1000}\n");
  Install("keeper", "keeper");
  List("org.example.keeper",
       "isolation: host, grants: {services: [store, commands, models, runtimes, templates, hooks]}");
}

void Zoo::Take(const std::string& trouble, Place place, const std::string& kinds, const std::string& more,
               const std::string& specimen) {
  Install(specimen, "animal");
  const bool is_hook = kinds.find("hook") != std::string::npos;
  directory_.WriteFile("plugins/animal/plugin.yaml",
                       "id: org.example.animal\nversion: 1.0.0\nabi: 1\nlibrary: specimen.so\nsummary: Unwell.\n"
                       "kinds: " +
                           kinds + "\n" + (is_hook ? "points: {PreToolUse: [gate, observe]}\n" : "") +
                           "config: {type: object, properties: {trouble: {type: string, default: \"\"}}}\n");
  List(kAnimal, std::string("isolation: ") + (place == Place::kHost ? "host" : "process") +
                    (trouble.empty() ? "" : ", config: {trouble: " + trouble + "}") +
                    (more.empty() ? "" : ", " + more));
}

void Zoo::Open() {
  Start();
  visitor_ = std::make_unique<Visitor>(server().port());
}

void Zoo::Close(int status) {
  EXPECT_EQ(visitor_->Stop(), "") << server().output();
  const std::vector<ProcessId> started = Below(server().pid());
  EXPECT_EQ(Stop(), status) << server().output();
  for (const ProcessId& process : started) {
    EXPECT_TRUE(WaitUntil([&] { return IsGone(process); })) << "process " << process.pid << " was left behind";
  }
}

void Zoo::OpenToCrash(const std::string& operation) {
  Launch();
  (void)server().WaitUntilReady();
  ExpectCrash(operation);
}

void Zoo::ExpectCrash(const std::string& operation) {
  EXPECT_EQ(server().WaitForExit(), 128 + SIGSEGV) << server().output();
  const std::string sentence = "crashed (SIGSEGV at 0x8) in plugin org.example.animal 1.0.0, operation " + operation;
  EXPECT_TRUE(HasSaid("tutti: " + sentence)) << server().output();
  EXPECT_TRUE(HasSaid("; disable it with: tutti plugin disable org.example.animal\n")) << server().output();
  Unlist(kAnimal);
  Start();
  EXPECT_TRUE(HasSaid("the last run " + sentence)) << server().output();
  EXPECT_EQ(Run("keeper.ok").status, 200);
  EXPECT_EQ(Stop(), 0) << server().output();
}

bool Zoo::ComesToSay(const std::string& text) {
  return WaitUntil([&] { return HasSaid(text); });
}

std::string Zoo::State() {
  return std::string(Info(kAnimal)["state"].AsString());
}

std::string Zoo::Reason() {
  return std::string(Info(kAnimal)["reason"].AsString());
}

std::uint64_t Zoo::Restarts() {
  return static_cast<std::uint64_t>(Info(kAnimal)["restarts"].AsInt());
}

bool Zoo::IsBack(std::uint64_t restarts) {
  return WaitUntil([&] {
    const Json info = Info(kAnimal);
    return info["state"].AsString() == "active" && static_cast<std::uint64_t>(info["restarts"].AsInt()) >= restarts;
  });
}

}  // namespace tutti::test
