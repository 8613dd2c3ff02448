#include "host/manifest/host_settings.h"

#include <gtest/gtest.h>

#include "host/manifest/yaml_reader.h"

namespace tutti::host {
namespace {

struct ReadSettings {
  HostSettings settings;
  std::string problems;
};

ReadSettings Read(std::string_view yaml) {
  Problems problems;
  const Variables variables = {{"TUTTI_DATA", "/data"}, {"ORIGINS", "http://a:1, http://b:2,,"}};
  const auto node = ParseYaml(yaml, "t.yaml", &variables, problems);
  ReadSettings read{ReadHostSettings(yaml.empty() ? nullptr : &*node, variables, problems), {}};
  for (const Problem& problem : problems) {
    read.problems += ToString(problem) + "\n";
  }
  return read;
}

TEST(HostSettings, DefaultsEqualThoseOfTheStruct) {
  const auto [settings, problems] = Read("");
  const HostSettings defaults;
  EXPECT_EQ(problems, "");
  EXPECT_EQ(settings.data_dir, "/data");
  EXPECT_EQ(settings.stop_timeout, defaults.stop_timeout);
  EXPECT_EQ(settings.executor.workers, defaults.executor.workers);
  EXPECT_EQ(settings.executor.queue, defaults.executor.queue);
  EXPECT_EQ(settings.executor.lost_threads, defaults.executor.lost_threads);
  EXPECT_EQ(settings.calls.timeout, defaults.calls.timeout);
  EXPECT_EQ(settings.calls.cancel_grace, defaults.calls.cancel_grace);
  EXPECT_EQ(settings.containment.callback_limit, defaults.containment.callback_limit);
  EXPECT_EQ(settings.containment.strikes, defaults.containment.strikes);
  EXPECT_EQ(settings.containment.strike_window, defaults.containment.strike_window);
  EXPECT_EQ(settings.containment.crash_files, defaults.containment.crash_files);
  EXPECT_EQ(settings.isolation, defaults.isolation);
  EXPECT_EQ(settings.calls.max_depth, defaults.calls.max_depth);
  EXPECT_EQ(settings.calls.events_queue, defaults.calls.events_queue);
  EXPECT_EQ(settings.calls.max_running, defaults.calls.max_running);
  EXPECT_EQ(settings.hook_timeout, defaults.hook_timeout);
  EXPECT_EQ(settings.storage, defaults.storage);
  EXPECT_EQ(settings.gateway.max_subscribers, defaults.gateway.max_subscribers);
  EXPECT_EQ(settings.gateway.replay_page, defaults.gateway.replay_page);
  EXPECT_EQ(settings.gateway.recent_bytes, 4 << 20);
  EXPECT_EQ(settings.gateway.heartbeat, defaults.gateway.heartbeat);
  EXPECT_EQ(settings.gateway.origins, (std::vector<std::string>{"http://127.0.0.1:5175", "http://localhost:5175"}));
  EXPECT_TRUE(settings.gateway.tokens.empty());
  EXPECT_EQ(settings.log.level, defaults.log.level);
  EXPECT_EQ(settings.log.max_size_mb, defaults.log.max_size_mb);
  EXPECT_EQ(settings.log.rotate_hours, defaults.log.rotate_hours);
  EXPECT_EQ(settings.log.max_age_days, defaults.log.max_age_days);
  EXPECT_EQ(settings.log.max_files, defaults.log.max_files);
  EXPECT_EQ(settings.log.queue, defaults.log.queue);
  EXPECT_TRUE(settings.log.console);
  EXPECT_EQ(settings.journal, defaults.journal);
  EXPECT_EQ(settings.audit_max_age_days, defaults.audit_max_age_days);
}

TEST(HostSettings, ReadsWhatStandsBeforeTheStorage) {
  const auto [settings, problems] =
      Read("storage: {waiting: 1, breaker: {failures: 2, window_ms: 3, pause_ms: 4, slow_ms: 5}}");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(settings.storage, (StorageSettings{1, 2, std::chrono::milliseconds(3), std::chrono::milliseconds(4),
                                               std::chrono::milliseconds(5)}));
}

TEST(HostSettings, ReadsEverySection) {
  const auto [settings, problems] = Read(R"(
data_dir: /elsewhere
stop_timeout_ms: 100
executor: {workers: 1, queue: 32, lost_threads: 14}
containment: {callback_limit_ms: 15, strikes: 16, strike_window_ms: 17, crash_files: 18}
calls: {timeout_ms: 5, cancel_grace_ms: 19, max_depth: 3, events_queue: 4, max_running: 6}
isolation: {workers: 20, windows: 21, heartbeat_ms: 22, hang_ms: 123, frame_bytes: 2097152, first_delay_ms: 25, longest_delay_ms: 26}
hooks: {timeout_ms: 7}
gateway:
  tokens: [{token: "secret://console"}, {token: t, principal: ada, scopes: [read]}]
  origins: ["${ORIGINS}", "http://c:3"]
  hosts: [example.org]
  trusted_proxies: [10.0.0.1]
  max_subscribers: 8
  replay_page: 32
  replay_readers: 2
  recent_events: 0
  recent_bytes: 1000
  heartbeat_ms: 0
journal: {poll_ms: 31, max_age_days: 0, max_events: 5000000000, trim_every_ms: 132, trim_batch: 33}
audit: {max_age_days: 34}
log: {level: debug, file: /l, max_size_mb: 10, rotate_hours: 11, max_age_days: 12, max_files: 13, console: false, queue: 16}
)");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(settings.data_dir, "/elsewhere");
  EXPECT_EQ(settings.stop_timeout.count(), 100);
  EXPECT_EQ(settings.executor.workers, 1);
  EXPECT_EQ(settings.executor.queue, 32);
  EXPECT_EQ(settings.executor.lost_threads, 14);
  EXPECT_EQ(settings.containment.callback_limit.count(), 15);
  EXPECT_EQ(settings.containment.strikes, 16);
  EXPECT_EQ(settings.isolation.workers, 20);
  EXPECT_EQ(settings.isolation.windows, 21);
  EXPECT_EQ(settings.isolation.heartbeat.count(), 22);
  EXPECT_EQ(settings.isolation.hang.count(), 123);
  EXPECT_EQ(settings.isolation.frame_bytes, 2097152);
  EXPECT_EQ(settings.isolation.first_delay.count(), 25);
  EXPECT_EQ(settings.isolation.longest_delay.count(), 26);
  EXPECT_EQ(settings.containment.strike_window.count(), 17);
  EXPECT_EQ(settings.containment.crash_files, 18);
  EXPECT_EQ(settings.calls.timeout.count(), 5);
  EXPECT_EQ(settings.calls.cancel_grace.count(), 19);
  EXPECT_EQ(settings.calls.max_depth, 3);
  EXPECT_EQ(settings.calls.events_queue, 4);
  EXPECT_EQ(settings.calls.max_running, 6);
  EXPECT_EQ(settings.hook_timeout.count(), 7);
  ASSERT_EQ(settings.gateway.tokens.size(), 2U);
  EXPECT_EQ(settings.gateway.tokens[0].token, "secret://console");
  EXPECT_EQ(settings.gateway.tokens[0].principal, "operator");
  EXPECT_EQ(settings.gateway.tokens[0].scopes, std::vector<std::string>{"*"});
  EXPECT_EQ(settings.gateway.tokens[1].principal, "ada");
  EXPECT_EQ(settings.gateway.origins, (std::vector<std::string>{"http://a:1", "http://b:2", "http://c:3"}));
  EXPECT_EQ(settings.gateway.hosts, std::vector<std::string>{"example.org"});
  EXPECT_EQ(settings.gateway.trusted_proxies, std::vector<std::string>{"10.0.0.1"});
  EXPECT_EQ(settings.gateway.max_subscribers, 8);
  EXPECT_EQ(settings.gateway.replay_page, 32);
  EXPECT_EQ(settings.gateway.replay_readers, 2);
  EXPECT_EQ(settings.gateway.recent_events, 0);
  EXPECT_EQ(settings.gateway.recent_bytes, 1000);
  EXPECT_EQ(settings.gateway.heartbeat.count(), 0);
  EXPECT_EQ(settings.log.level, "debug");
  EXPECT_EQ(settings.log.file, "/l");
  EXPECT_EQ(settings.log.max_size_mb, 10);
  EXPECT_EQ(settings.log.rotate_hours, 11);
  EXPECT_EQ(settings.log.max_age_days, 12);
  EXPECT_EQ(settings.log.max_files, 13);
  EXPECT_EQ(settings.log.queue, 16);
  EXPECT_FALSE(settings.log.console);
  EXPECT_EQ(settings.journal.poll.count(), 31);
  EXPECT_EQ(settings.journal.max_age_days, 0);
  EXPECT_EQ(settings.journal.max_events, 5000000000);
  EXPECT_EQ(settings.journal.trim_every.count(), 132);
  EXPECT_EQ(settings.journal.trim_batch, 33);
  EXPECT_EQ(settings.audit_max_age_days, 34);
}

TEST(HostSettings, ReportsWhatIsOutOfBounds) {
  EXPECT_EQ(Read("executor: {workers: 0}\n").problems,
            "t.yaml:1: executor.workers: expected a whole number of at least 1 and at most 256, found '0'\n");
  EXPECT_EQ(Read("log: {level: info}\n").problems,
            "t.yaml:1: log.level: expected one of trace, debug, information, warning, error, found 'info'\n");
  EXPECT_EQ(Read("gatway: {}\n").problems,
            "t.yaml:1: gatway: unknown key 'gatway'; expected one of data_dir, stop_timeout_ms, executor, calls, "
            "containment, isolation, storage, hooks, plugins, templates, gateway, trust and 3 more. Did you mean "
            "'gateway'?\n");
}

}  // namespace
}  // namespace tutti::host
