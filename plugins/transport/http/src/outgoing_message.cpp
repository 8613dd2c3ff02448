#include "outgoing_message.h"

#include <memory>
#include <string>

#include "frame.h"
#include "response_writer.h"
#include "tutti/sdk/text.hpp"
#include "utf8_validator.h"

namespace tutti::transport::http {

const SharedBytes& OutgoingMessage::Frame() {
  if (!frame_) {
    Utf8Validator validator;
    const bool is_text = validator.Feed(message_) && validator.is_complete();
    frame_ = std::make_shared<const std::string>(
        EncodeFrame(Opcode::kText, is_text ? message_ : std::string_view(CleanUtf8(message_))));
  }
  return frame_;
}

const SharedBytes& OutgoingMessage::Chunk() {
  if (!chunk_) {
    // An empty chunk would end the body.
    chunk_ = std::make_shared<const std::string>(message_.empty() ? std::string() : EncodeChunk(message_));
  }
  return chunk_;
}

const SharedBytes& OutgoingMessage::Plain() {
  if (!plain_) {
    plain_ = std::make_shared<const std::string>(message_);
  }
  return plain_;
}

}  // namespace tutti::transport::http
