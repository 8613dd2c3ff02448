// What the model says in the crash tests: work whose effects can be counted.
#pragma once

namespace tutti::test {

// The chat passes commands on and counts by itself; agents append marks to the file "marks" of their directory, twice
// per command, with something that only reads in between. A command that begins with "risky" needs a person's approval.
inline constexpr const char* kCrashScenes = R"(scenes:
  - when: {prompt: '^create (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {name: "${name}", system_prompt: "You are ${name}."}}}]
  - when: {prompt: '^(?P<id>\S+) command (?P<name>\S+) (?P<command>.+)$'}
    say: [{tool_use: {name: mcp__mgmt__command_agent, input: {agent_name: "${name}", command: "${command}"}}}]
  - when: {tool: 'mcp__mgmt__.*'}
    say: [{text: "passed on"}]
  - when: {prompt: 'just been created'}
    say: [{text: "Ready."}]

  - when: {prompt: 'risky (?P<id>\S+)$', tool: Bash}
    say: [{text: "risked ${id}"}]
  - when: {prompt: 'risky (?P<id>\S+)$'}
    say: [{tool_use: {name: Bash, input: {command: "echo ${id} >> risky"}}}]

  - when: {prompt: 'mark (?P<id>\S+)$', tool: Bash, turn: 4}
    say: [{text: "marked ${id}"}]
  - when: {prompt: 'mark (?P<id>\S+)$', tool: Glob}
    say: [{tool_use: {name: Bash, input: {command: "echo ${id}-second >> marks"}}}]
  - when: {prompt: 'mark (?P<id>\S+)$', tool: Bash}
    say: [{tool_use: {name: Glob, input: {pattern: "*"}}}]
  - when: {prompt: 'mark (?P<id>\S+)$'}
    say:
      - text: first
      - tool_use: {name: Bash, input: {command: "echo ${id}-first >> marks"}}

  - when: {prompt: '.*'}
    say: [{text: "heard"}]
)";

}  // namespace tutti::test
