/* A command: defined once, reachable as HTTP route, WebSocket request, slash command and tool. Each function's thread
 * stands in tutti/abi/plugin.h and tutti/abi/command.h; invoke runs on several workers at once, so the state is only
 * read. */
#include "tutti/abi/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"

typedef struct plugin_state {
  const tutti_host* host;
  const tutti_host_calls* calls;
  char* word;
} plugin_state;

static const char kDefinitions[] =
    "[{\"name\": \"command_c.greet\", \"summary\": \"Greets somebody.\", \"effects\": \"read\","
    "  \"input\": {\"type\": \"object\", \"required\": [\"name\"], \"additionalProperties\": false,"
    "            \"properties\": {\"name\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 200}}},"
    "  \"slash\": {\"usage\": \"/greet NAME...\"},"
    "  \"rest\": [{\"method\": \"GET\", \"path\": \"/v1/command_c/greetings/{name}\"}]}]";

static tutti_str str(const char* text) {
  const tutti_str view = {text, strlen(text)};
  return view;
}

static tutti_code fail(const tutti_sink* error, tutti_code code, const char* sentence) {
  error->write(error->user, str(sentence));
  return code;
}

/* `config` was accepted by the schema in plugin.yaml and has its defaults filled in. */
static tutti_code init(void* user, tutti_str config, const tutti_sink* error) {
  plugin_state* self = user;
  free(self->word);
  self->word = json_text(json_member(config, "word"));
  return self->word != NULL ? TUTTI_OK : fail(error, TUTTI_INVALID_ARGUMENT, "expected an object with the text `word`");
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
  plugin_state* self = user;
  free(self->word);
  free(self);
}

static void describe(void* user, const tutti_sink* definitions) {
  (void)user;
  definitions->write(definitions->user, str(kDefinitions));
}

/* {"greeting": "..."} as new text, or NULL when memory is out. */
static char* greeting(const char* word, const char* name) {
  const size_t room = strlen(word) + strlen(name) + sizeof ", !";
  char* sentence = malloc(room);
  if (sentence == NULL) {
    return NULL;
  }
  snprintf(sentence, room, "%s, %s!", word, name);
  char* quoted = json_quote(sentence);
  free(sentence);
  char* body = quoted == NULL ? NULL : malloc(strlen(quoted) + sizeof "{\"greeting\":}");
  if (body != NULL) {
    sprintf(body, "{\"greeting\":%s}", quoted);
  }
  free(quoted);
  return body;
}

/* `args` was accepted by the definition's schema. */
static void invoke(void* user, const tutti_call_info* info, tutti_str name, tutti_str args) {
  const plugin_state* self = user;
  (void)name; /* there is one command */
  char* who = json_text(json_member(args, "name"));
  char* body = who == NULL ? NULL : greeting(self->word, who);
  tutti_outcome outcome = {0};
  outcome.size = sizeof outcome;
  if (body != NULL) {
    outcome.body = str(body);
  } else {
    outcome.code = TUTTI_RESOURCE_EXHAUSTED;
    outcome.message = str("out of memory");
  }
  /* Exactly once; here at once, but any thread may do it later. */
  self->calls->finish(self->host, info->call, &outcome);
  free(body);
  free(who);
}

static const void* get_extension(void* user, const char* id) {
  static const tutti_command kCommand = {sizeof(tutti_command), describe, invoke};
  (void)user;
  return strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &kCommand : NULL;
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
  self->calls = TUTTI_HAS(host, tutti_host, get_service) ? host->get_service(host, TUTTI_SERVICE_CALLS) : NULL;
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
    .id = "org.example.command_c",
    .version = "0.1.0",
    .create = create,
};
