#include "../cookbook_test.h"

TEST(Deploy, RunsTheProgramAndPassesItsOutputOn) {
  Cook cook("deploy", R"({"command":["/bin/sh","-c","echo to $0; exit 3"]})");
  tutti::testing::RunningCall call = cook.plugin.BeginInvoke("deploy.run", R"({"target":"staging"})");
  const tutti::Result<std::string> result = call.Wait();
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(*result, R"({"target":"staging","exit_code":3,"output":"to staging\n"})");
  EXPECT_EQ(call.TakeEvents(), std::vector<std::string>{R"({"output":"to staging\n"})"});
}

TEST(Deploy, EndsTheProgramWhenCancelledAndTakesOneAtATime) {
  Cook cook("deploy", R"({"command":["/bin/sh","-c","echo begun; exec sleep 600"]})");
  tutti::testing::RunningCall call = cook.plugin.BeginInvoke("deploy.run", R"({"target":"a"})");
  ASSERT_TRUE(cook.host.WaitUntil([&] { return !call.TakeEvents().empty(); }));
  EXPECT_EQ(cook.plugin.Invoke("deploy.run", R"({"target":"b"})").status().code(), tutti::Code::kResourceExhausted);
  call.Cancel();
  EXPECT_NE(call.Wait()->find(R"("exit_code":143)"), std::string::npos);
}

TEST(Deploy, SaysThatThereIsNoSuchProgram) {
  Cook cook("deploy", R"({"command":["/none"]})");
  EXPECT_EQ(cook.plugin.Invoke("deploy.run", R"({"target":"a"})").status().code(), tutti::Code::kNotFound);
}
