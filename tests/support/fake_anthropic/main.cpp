// fake_anthropic --script FILE --port-file FILE [--log FILE]: the fake peer as a process, until SIGTERM or SIGINT.
// The port is written when it listens; the log gets one JSON line per request.
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include "tests/support/fake_anthropic/fake_peer.h"
#include "tests/support/fake_anthropic/reply_script.h"
#include "tutti/sdk/json.hpp"
#include "tutti/sdk/text.hpp"

namespace {

using tutti::JsonWriter;

std::string ToLine(const tutti::fake_anthropic::Received& request) {
  JsonWriter line;
  line.BeginObject().Key("method").Value(request.method).Key("target").Value(request.target);
  line.Key("headers").BeginObject();
  for (const auto& [name, value] : request.headers) {
    line.Key(name).Value(tutti::CleanUtf8(value));
  }
  line.EndObject().Key("connection").Value(request.connection);
  line.Key("body").Value(tutti::CleanUtf8(request.body)).EndObject();
  return line.Take();
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) {
    options[argv[i]] = argv[i + 1];
  }
  if (options["--script"].empty() || options["--port-file"].empty()) {
    std::cerr << "usage: fake_anthropic --script FILE --port-file FILE [--log FILE]\n";
    return 2;
  }
  std::ostringstream script;
  script << std::ifstream(options["--script"]).rdbuf();
  const auto replies = tutti::fake_anthropic::ParseReplies(script.view());
  if (!replies.ok()) {
    std::cerr << options["--script"] << ": " << replies.status().ToString() << "\n";
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  std::mutex mutex;
  std::ofstream log;
  if (!options["--log"].empty()) {
    log.open(options["--log"], std::ios::app);
  }
  tutti::fake_anthropic::FakePeer peer([&](const tutti::fake_anthropic::Received& request) {
    const std::lock_guard lock(mutex);
    if (log.is_open()) {
      log << ToLine(request) << std::endl;
    }
  });
  for (const auto& reply : *replies) {
    peer.Add(reply);
  }
  const std::string unfinished = options["--port-file"] + ".new";
  std::ofstream(unfinished) << peer.port() << "\n";
  if (std::rename(unfinished.c_str(), options["--port-file"].c_str()) != 0) {
    std::cerr << "cannot write " << options["--port-file"] << "\n";
    return 1;
  }
  int received = 0;
  sigwait(&signals, &received);
  return 0;
}
