#include "host/isolation/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "host/isolation/frame_buffer.h"
#include "host/isolation/messages.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {
namespace {

constexpr std::size_t kMaxFrame = 1UL << 20U;

void Feed(FrameBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = buffer.Room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    buffer.Added(count);
    bytes.remove_prefix(count);
  }
}

std::string Sample() {
  FrameWriter writer(FrameType::kCall, 4711, static_cast<std::uint16_t>(CallOp::kInvoke));
  writer.U8(7).U32(70000).U64(1ULL << 40U).I64(-5).F64(0.25).Text("text").Text("");
  return std::string(writer.Finish());
}

TEST(Frame, ComesOutAsItWentIn) {
  FrameBuffer buffer(kMaxFrame);
  Feed(buffer, Sample());
  const Result<std::optional<Frame>> next = buffer.Next();
  ASSERT_TRUE(next.ok() && next->has_value());
  const Frame& frame = **next;
  EXPECT_EQ(frame.type, FrameType::kCall);
  EXPECT_EQ(frame.op, static_cast<std::uint16_t>(CallOp::kInvoke));
  EXPECT_EQ(frame.id, 4711U);
  FieldReader fields(frame.fields);
  EXPECT_EQ(fields.U8(), 7U);
  EXPECT_EQ(fields.U32(), 70000U);
  EXPECT_EQ(fields.U64(), 1ULL << 40U);
  EXPECT_EQ(fields.I64(), -5);
  EXPECT_EQ(fields.F64(), 0.25);
  EXPECT_EQ(fields.Text(), "text");
  EXPECT_FALSE(fields.is_complete());
  EXPECT_EQ(fields.Text(), "");
  EXPECT_TRUE(fields.is_complete());
}

TEST(Frame, IsNotThereBeforeItsLastByte) {
  const std::string whole = Sample();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    FrameBuffer buffer(kMaxFrame);
    Feed(buffer, whole.substr(0, cut));
    const Result<std::optional<Frame>> early = buffer.Next();
    ASSERT_TRUE(early.ok()) << cut;
    EXPECT_FALSE(early->has_value()) << cut;
    Feed(buffer, whole.substr(cut));
    const Result<std::optional<Frame>> next = buffer.Next();
    ASSERT_TRUE(next.ok() && next->has_value()) << cut;
  }
}

TEST(Frame, ManyOfAllSizesComeInOrder) {
  FrameBuffer buffer(kMaxFrame);
  std::string stream;
  for (std::size_t i = 0; i < 2000; ++i) {
    FrameWriter writer(FrameType::kEvent, i);
    writer.Text(std::string(i * 37 % 5000, 'x'));
    stream += writer.Finish();
  }
  std::size_t seen = 0;
  for (std::size_t at = 0; at < stream.size(); at += 4099) {
    Feed(buffer, std::string_view(stream).substr(at, 4099));
    while (true) {
      const Result<std::optional<Frame>> next = buffer.Next();
      ASSERT_TRUE(next.ok());
      if (!*next) {
        break;
      }
      EXPECT_EQ((*next)->id, seen);
      FieldReader fields((*next)->fields);
      EXPECT_EQ(fields.Text().size(), seen * 37 % 5000);
      EXPECT_TRUE(fields.is_complete());
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2000U);
}

TEST(Frame, ALengthBeyondTheBoundOrBelowTheHeaderIsRefused) {
  for (const std::uint32_t length : {0U, 11U, static_cast<std::uint32_t>(kMaxFrame), 0xffffffffU}) {
    FrameBuffer buffer(kMaxFrame);
    std::string bytes(16, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    Feed(buffer, bytes);
    EXPECT_EQ(buffer.Next().status().code(), Code::kInvalidArgument) << length;
  }
}

TEST(Frame, FieldsThatAreCutAnywhereAreNeverComplete) {
  const std::string whole = Sample().substr(FrameWriter::kHeader);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    FieldReader fields(std::string_view(whole).substr(0, cut));
    fields.U8();
    fields.U32();
    fields.U64();
    fields.I64();
    fields.F64();
    fields.Text();
    fields.Text();
    EXPECT_FALSE(fields.is_complete()) << cut;
  }
}

// Whatever arrives, reading it ends and stays within its bytes (which the address sanitizer watches).
TEST(Frame, NoiseIsReadWithoutHarm) {
  std::mt19937 random(20260131);
  for (int round = 0; round < 2000; ++round) {
    std::string noise(random() % 300, '\0');
    for (char& byte : noise) {
      byte = static_cast<char>(random() % (round % 2 == 0 ? 256 : 4));
    }
    FrameBuffer buffer(kMaxFrame);
    Feed(buffer, noise);
    for (Result<std::optional<Frame>> next = buffer.Next(); next.ok() && next->has_value(); next = buffer.Next()) {
    }
    FieldReader plan(noise);
    (void)ReadWorkerPlan(plan);
    FieldReader report(noise);
    (void)ReadConfinementReport(report);
    FieldReader kinds(noise);
    (void)ReadKindsReport(kinds);
    FieldReader info(noise);
    (void)ReadCallInfo(info, 1);
    FieldReader outcome(noise);
    (void)ReadOutcome(outcome);
    FieldReader event(noise);
    (void)ReadEvent(event);
  }
}

TEST(Messages, AWorkersPlanComesOutAsItWentIn) {
  WorkerPlan plan;
  plan.id = "org.example.x";
  plan.version = "1.2.0";
  plan.library = "/a/b.so";
  plan.copy = "/c/d.so";
  plan.sha256 = "00ff";
  plan.services = {"one", "two"};
  plan.log_levels = 0x3e;
  plan.max_frame = 1U << 26U;
  plan.grants.net = true;
  plan.grants.services = {"store"};
  plan.grants.read_paths = {"/etc/ssl"};
  plan.grants.write_paths = {"/var/x", "/var/y"};
  plan.limits.memory_mb = 77;
  plan.limits.restart_window = std::chrono::milliseconds(123);
  plan.scratch = "/var/scratch";
  FrameWriter writer(FrameType::kStart, 1);
  Put(writer, plan);
  const std::string bytes(writer.Finish().substr(FrameWriter::kHeader));
  FieldReader fields(bytes);
  const std::optional<WorkerPlan> read = ReadWorkerPlan(fields);
  ASSERT_TRUE(read.has_value());
  FrameWriter again(FrameType::kStart, 1);
  Put(again, *read);
  EXPECT_EQ(again.Finish().substr(FrameWriter::kHeader), bytes);
  EXPECT_EQ(read->grants.write_paths, plan.grants.write_paths);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    FieldReader part(std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(ReadWorkerPlan(part).has_value()) << cut;
  }
}

TEST(Messages, ALevelOfConfinementThatDoesNotExistIsRefused) {
  FrameWriter writer(FrameType::kDone, 1);
  writer.U8(3).U32(0);
  FieldReader fields(writer.Finish().substr(FrameWriter::kHeader));
  EXPECT_FALSE(ReadConfinementReport(fields).has_value());
}

}  // namespace
}  // namespace tutti::host
