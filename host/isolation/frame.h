// One message between the host and a plugin's process: a fixed header and length-prefixed fields, little endian.
//
//   u32 length of what follows | u16 type | u16 op | u64 id | fields
//   fields: u8, u32, u64, i64, f64 as they are; text as u32 length and bytes
// Plain classes without threads. What arrives is checked here and never trusted: a reader that ran out of bytes answers
// zeros and remembers it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tutti::host {

enum class FrameType : std::uint16_t {
  // To the plugin's process.
  kStart = 1,   // plan of the process; id: request
  kInit,        // configuration; id: request
  kActivate,    // id: request
  kDeactivate,  // id: request
  kDestroy,     // id: request
  kStats,       // id: request
  kCall,        // op: CallOp, id: call
  kCancel,      // id: call
  kEventAck,    // events of a call that were taken; id: call
  kEvents,      // a batch for on_events; id: batch
  kReplyEvent,  // id: started call
  kReplyEnd,    // id: started call
  kAnswer,      // id: question
  kPing,        // id: number
  // From the plugin's process.
  kDone = 64,      // id: request
  kEnd,            // id: call
  kEvent,          // id: call
  kEventsDone,     // id: batch
  kStartCall,      // op: StartOp, id: started call
  kCancelStarted,  // id: started call
  kReplyAck,       // events of a started call that were taken; id: started call
  kAsk,            // op: AskOp, id: question
  kNote,           // op: NoteOp
  kPong,           // id: number; what has been running longest outside of any call
};

// Functions of the kinds, called on the plugin.
enum class CallOp : std::uint16_t {
  kInvoke = 1,
  kOnPoint,
  kEnsureSchema,
  kExecute,
  kComplete,
  kStartRun,
  kListTemplates,
  kGetTemplate,
  kWatch,
  kMaintain,
};

// Functions of the host's services that end through a tutti_reply.
enum class StartOp : std::uint16_t {
  kInvoke = 1,
  kExecute,
  kComplete,
  kStartRun,
  kFire,
  kListTemplates,
  kGetTemplate,
  kManage,
  kStopTool,
};

// Functions of the host's services that answer at once.
enum class AskOp : std::uint16_t {
  kConfigGet = 1,
  kConfigSecret,
  kTools,
  kModels,
  kConnections,
  kSlashList,
  kSlashParse,
  kPhase,
  kHostId,
  kCancelled
};

// Functions of the host's services that answer nothing.
enum class NoteOp : std::uint16_t { kLog = 1, kMetricAdd, kMetricSet, kMetricObserve, kPublish };

// Borrowed from the buffer it was read from.
struct Frame {
  FrameType type{};
  std::uint16_t op = 0;
  std::uint64_t id = 0;
  std::string_view fields;
};

class FrameWriter {
 public:
  static constexpr std::size_t kHeader = 16;

  FrameWriter(FrameType type, std::uint64_t id, std::uint16_t op = 0);

  FrameWriter& U8(std::uint8_t value);
  FrameWriter& U32(std::uint32_t value);
  FrameWriter& U64(std::uint64_t value);
  FrameWriter& I64(std::int64_t value);
  FrameWriter& F64(double value);
  FrameWriter& Text(std::string_view value);

  // The whole frame, its length filled in. Valid until the writer is changed or gone.
  [[nodiscard]] std::string_view Finish();

 private:
  void Append(const void* bytes, std::size_t size);

  std::string bytes_;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view fields) : rest_(fields) {}

  std::uint8_t U8();
  std::uint32_t U32();
  std::uint64_t U64();
  std::int64_t I64();
  double F64();
  std::string_view Text();

  // Whether everything that was read was there.
  [[nodiscard]] bool ok() const { return ok_; }

  // The same, and nothing is left.
  [[nodiscard]] bool is_complete() const { return ok_ && rest_.empty(); }

 private:
  template <typename T>
  T Number();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace tutti::host
