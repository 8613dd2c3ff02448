/* A hook that stands before every tool call, sees what it is about to do, and may deny it. Each function's thread
 * stands in tutti/abi/plugin.h and tutti/abi/hook.h; on_point runs on several workers at once, so the state is only
 * read. */
#include "tutti/abi/plugin.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/hook.h"
#include "tutti/abi/log.h"

typedef struct plugin_state {
  const tutti_host* host;
  const tutti_host_calls* calls;
  const tutti_host_log* log;
  int has_pattern;
  regex_t pattern;
  char* reply; /* what on_point answers to deny, JSON */
} plugin_state;

static tutti_str str(const char* text) {
  const tutti_str view = {text, strlen(text)};
  return view;
}

static tutti_code fail(const tutti_sink* error, tutti_code code, const char* sentence) {
  error->write(error->user, str(sentence));
  return code;
}

static void clear(plugin_state* self) {
  if (self->has_pattern) {
    regfree(&self->pattern);
  }
  self->has_pattern = 0;
  free(self->reply);
  self->reply = NULL;
}

/* `config` was accepted by the schema in plugin.yaml and has its defaults filled in. */
static tutti_code init(void* user, tutti_str config, const tutti_sink* error) {
  plugin_state* self = user;
  clear(self);
  char* pattern = json_text(json_member(config, "deny"));
  const tutti_str reason = json_member(config, "reason");
  if (pattern == NULL || reason.size == 0) {
    free(pattern);
    return fail(error, TUTTI_INVALID_ARGUMENT, "expected an object with the texts `deny` and `reason`");
  }
  const int wrong = regcomp(&self->pattern, pattern, REG_EXTENDED | REG_NOSUB);
  free(pattern);
  if (wrong != 0) {
    char why[256];
    char sentence[400];
    regerror(wrong, &self->pattern, why, sizeof why);
    snprintf(sentence, sizeof sentence, "expected a POSIX extended regular expression at `deny`, found a fault: %s",
             why);
    return fail(error, TUTTI_INVALID_ARGUMENT, sentence);
  }
  self->has_pattern = 1;
  self->reply = malloc(reason.size + sizeof "{\"deny\":}");
  if (self->reply == NULL) {
    return fail(error, TUTTI_RESOURCE_EXHAUSTED, "out of memory");
  }
  sprintf(self->reply, "{\"deny\":%.*s}", (int)reason.size, reason.data);
  return TUTTI_OK;
}

static tutti_code activate(void* user, const tutti_sink* error) {
  (void)user;
  (void)error;
  return TUTTI_OK;
}

static void deactivate(void* user) {
  (void)user;
}

static void destroy(void* user) {
  clear(user);
  free(user);
}

static int is_denied(const plugin_state* self, tutti_str payload) {
  char* tool = json_text(json_member(payload, "tool_name"));
  char* command = json_text(json_member(json_member(payload, "tool_input"), "command"));
  const int denied =
      tool != NULL && command != NULL && strcmp(tool, "Bash") == 0 && regexec(&self->pattern, command, 0, NULL, 0) == 0;
  free(tool);
  free(command);
  return denied;
}

static void on_point(void* user, const tutti_call_info* info, const tutti_point* point, tutti_str payload) {
  (void)point;
  const plugin_state* self = user;
  tutti_outcome outcome = {0};
  outcome.size = sizeof outcome;
  if (is_denied(self, payload)) {
    outcome.body = str(self->reply);
    if (TUTTI_HAS(self->log, tutti_host_log, write)) {
      self->log->write(self->host, TUTTI_LOG_WARNING, str("command denied"), str(""));
    }
  }
  /* Exactly once; here at once, but any thread may do it later. */
  self->calls->finish(self->host, info->call, &outcome);
}

static const void* get_extension(void* user, const char* id) {
  static const tutti_hook kHook = {sizeof(tutti_hook), on_point, NULL};
  (void)user;
  return strcmp(id, TUTTI_KIND_HOOK) == 0 ? &kHook : NULL;
}

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  /* The room is the host's, who says how much there is. */
  if (plugin->size < sizeof *plugin) {
    return fail(error, TUTTI_UNIMPLEMENTED, "expected room for a whole tutti_plugin, found less; run a newer tutti");
  }
  plugin_state* self = calloc(1, sizeof *self);
  if (self == NULL) {
    return fail(error, TUTTI_RESOURCE_EXHAUSTED, "out of memory");
  }
  self->host = host;
  if (TUTTI_HAS(host, tutti_host, get_service)) {
    self->calls = host->get_service(host, TUTTI_SERVICE_CALLS);
    self->log = host->get_service(host, TUTTI_SERVICE_LOG);
  }
  /* An older host may have a shorter table: what it does not cover is not there. */
  if (!TUTTI_HAS(self->calls, tutti_host_calls, finish)) {
    free(self);
    return fail(error, TUTTI_UNIMPLEMENTED,
                "expected the host service " TUTTI_SERVICE_CALLS " up to finish; run a newer tutti");
  }
  const tutti_plugin filled = {sizeof filled, self, init, activate, deactivate, destroy, get_extension};
  *plugin = filled;
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;
const tutti_entry tutti_plugin_entry = {
    .magic = TUTTI_ENTRY_MAGIC,
    .size = sizeof(tutti_entry),
    .abi_major = TUTTI_ABI_MAJOR,
    .abi_minor = TUTTI_ABI_MINOR,
    .id = "org.example.hook_c",
    .version = "0.1.0",
    .create = create,
};
