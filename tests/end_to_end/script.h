// What the model of the end-to-end tests says.
#pragma once

#include <string>

namespace tutti::test {

inline constexpr const char* kScript = R"(scenes:
  # The orchestrator's side.
  - when: {tool: 'mcp__mgmt__list_agents', prompt: '^think and list$'}
    say: [{text: "second text"}]
    usage: {input_tokens: 20, output_tokens: 10}
  - when: {prompt: '^think and list$'}
    say:
      - thinking: pondering
      - text: first text
      - tool_use: {name: mcp__mgmt__list_agents, input: {}}
    usage: {input_tokens: 100, output_tokens: 50}
  - when: {tool: 'mcp__mgmt__.*', is_error: true}
    say: [{text: "tool failed: ${result}"}]
  - when: {tool: 'mcp__mgmt__.*'}
    say: [{text: "tool said: ${result}"}]
  - when: {prompt: '^fail$'}
    say: [{text: "so far"}]
    fail: {code: INVALID_ARGUMENT, message: "scripted failure"}
  - when: {prompt: '^talk slowly$'}
    delay_ms: 150
    say: [{text: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
      seventeen eighteen nineteen twenty one two three four five six seven eight nine ten eleven twelve thirteen fourteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      nineteen twenty one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      nineteen twenty one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      nineteen twenty one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
      one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
      nineteen twenty one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"}]
  - when: {prompt: '^create nameless$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {system_prompt: "You are nobody."}}}]
  - when: {prompt: '^create promptless (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {name: "${name}"}}}]
  - when: {prompt: '^create (?P<name>\S+) from (?P<template>\S+) with (?P<model>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent,
                      input: {name: "${name}", subagent_template: "${template}", model: "${model}"}}}]
  - when: {prompt: '^create (?P<name>\S+) from (?P<template>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {name: "${name}", subagent_template: "${template}"}}}]
  - when: {prompt: '^create (?P<name>\S+) with (?P<model>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent,
                      input: {name: "${name}", system_prompt: "You are ${name}.", model: "${model}"}}}]
  - when: {prompt: '^create (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__create_agent, input: {name: "${name}", system_prompt: "You are ${name}."}}}]
  - when: {prompt: '^command (?P<name>\S+) (?P<command>.+)$'}
    say: [{tool_use: {name: mcp__mgmt__command_agent, input: {agent_name: "${name}", command: "${command}"}}}]
  - when: {prompt: '^interrupt (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__interrupt_agent, input: {agent_name: "${name}"}}}]
  - when: {prompt: '^delete (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__delete_agent, input: {agent_name: "${name}"}}}]
  - when: {prompt: '^check (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__check_agent_status, input: {agent_name: "${name}"}}}]
  - when: {prompt: '^check the end of (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__check_agent_status, input: {agent_name: "${name}", tail_count: 2}}}]
  - when: {prompt: '^check before the end of (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__check_agent_status, input: {agent_name: "${name}", tail_count: 2, offset: 2}}}]
  - when: {prompt: '^check all of (?P<name>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__check_agent_status, input: {agent_name: "${name}", verbose_logs: true}}}]
  - when: {prompt: '^spend much$'}
    say: [{text: spent}]
    usage: {input_tokens: 159000, output_tokens: 1234}
  - when: {prompt: '^find (?P<level>\S+) logs$'}
    say: [{tool_use: {name: mcp__mgmt__read_system_logs, input: {level: "${level}"}}}]
  - when: {prompt: '^cost$'}
    say: [{tool_use: {name: mcp__mgmt__report_cost, input: {}}}]
  - when: {prompt: '^find log (?P<text>\S+)$'}
    say: [{tool_use: {name: mcp__mgmt__read_system_logs, input: {message_contains: "${text}"}}}]

  # The agents' side.
  - when: {prompt: 'just been created', system: '^You are doomed'}
    say: []
    fail: {code: UNAVAILABLE, message: "scripted failure of the greeting"}
  - when: {prompt: 'just been created'}
    say: [{text: "Ready."}]
    usage: {input_tokens: 7, output_tokens: 3}
  - when: {tool: Glob, prompt: '^work$'}
    say: [{text: "worked"}]
    usage: {input_tokens: 30, output_tokens: 5}
  - when: {prompt: '^work$'}
    say:
      - thinking: how to begin
      - text: working
      - tool_use: {name: Glob, input: {pattern: "*"}}
    usage: {input_tokens: 20, output_tokens: 5}
  - when: {tool: Glob, prompt: '^work together$'}
    delay_ms: 100
    say: [{text: "worked"}]
  - when: {prompt: '^work together$'}
    delay_ms: 100
    say:
      - thinking: how to begin
      - text: working
      - tool_use: {name: Glob, input: {pattern: "*"}}
  - when: {prompt: '^break$'}
    say: [{text: "so far"}]
    fail: {code: UNAVAILABLE, message: "scripted failure of the agent"}

  - when: {tool: AskUserQuestion, is_error: true}
    say: [{text: "no answer: ${result}"}]
  - when: {tool: AskUserQuestion}
    say: [{text: "answer: ${result}"}]
  - when: {prompt: '^ask$'}
    say:
      - tool_use:
          name: AskUserQuestion
          input:
            questions:
              - {question: "Which way?", header: Way, multiSelect: false, options: [{label: Left}, {label: Right}]}

  - when: {prompt: 'is about to be replaced by a summary'}
    say: [{text: "the summary of it"}]
    usage: {input_tokens: 900, output_tokens: 20}
  - when: {prompt: '^fill up$'}
    say: [{text: "full"}]
    usage: {input_tokens: 170000, output_tokens: 10}
  - when: {tool: Bash, prompt: '^wait for go$'}
    say: [{text: went}]
  - when: {prompt: '^wait for go$'}
    say: [{tool_use: {name: Bash, input: {command: "touch begun; until test -e go; do sleep 0.05; done"}}}]

  # Everybody.
  - when: {prompt: '^emit odd bytes$', turn: 1}
    say:
      - thinking: "thin\0king"
      - text: "te\0xt"
      - tool_use: {name: Bash, input: {command: "printf 'a\0b'"}}
  - when: {prompt: '^emit odd bytes$', turn: 2}
    say: [{tool_use: {name: Bash, input: {command: "printf 'x\\000y\\377z'"}}}]
  - when: {prompt: '^emit odd bytes$', turn: 3}
    say: [{text: done}]
  - when: {prompt: '^take note of '}
    say: [{text: "noted"}]
  - when: {prompt: 'odd text'}
    say: [{text: "${prompt}"}]
  - when: {prompt: '^say (?P<text>.+)$'}
    say: [{text: "${text}"}]
    usage: {input_tokens: 11, output_tokens: 4}
  - when: {prompt: '.*'}
    say: [{text: "unscripted: ${prompt}"}]
)";

inline constexpr int kCrowd = 20;

// Scenes that create and command agent-1 to agent-20, each with one message.
inline std::string CrowdScript() {
  std::string create = "scenes:\n  - when: {prompt: '^create everybody$'}\n    say:\n";
  std::string command = "  - when: {prompt: '^command everybody$'}\n    say:\n";
  for (int i = 1; i <= kCrowd; ++i) {
    const std::string name = "agent-" + std::to_string(i);
    create +=
        "      - tool_use: {name: mcp__mgmt__create_agent, input: {name: " + name + ", system_prompt: You work.}}\n";
    command += "      - tool_use: {name: mcp__mgmt__command_agent, input: {agent_name: " + name +
               ", command: work together}}\n";
  }
  return create + command;
}

}  // namespace tutti::test
