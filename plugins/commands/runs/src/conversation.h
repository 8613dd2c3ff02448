// What a run is given of its conversation, made from the rows of runs.messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tutti/sdk/json.hpp"
#include "tutti/sdk/store.hpp"

namespace tutti::runs {

// A conversation as a run goes on with it.
struct LoadedConversation {
  std::string messages = "[]";  // JSON array of {"role","content"}
  std::int64_t next_number = 0;
  std::int64_t context_tokens = 0;  // 0: not known
  std::string last;                 // the last row {"number","role","content","run"}, empty when there is none
};

// The operations that load it; the results are read by ReadConversation.
void AddConversationQueries(Batch& batch, std::string_view conversation, std::size_t max_messages);

// `first` is the number of the first of those operations in the batch.
LoadedConversation ReadConversation(const StoreReply& reply, std::size_t first, std::size_t max_messages);

// Answers the tool calls of the last message of the conversation `id`, for nothing else will: the operation that stores
// the message that does it, and empty when no call is open.
std::string CloseOpenCalls(std::string_view id, LoadedConversation& conversation);

// A JSON array of message rows that begins where a conversation may begin: with a user message that answers no tool
// call. For when older messages were left out.
std::string TrimToBeginning(std::string_view rows);

// The content of the user message that answers the tool calls of `message`, each as an error that says its outcome is
// unknown; empty when the message is no assistant's or calls nothing.
std::string ClosingContent(JsonView message);

}  // namespace tutti::runs
