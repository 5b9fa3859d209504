#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/driver/session.h"

namespace strata {
namespace {

// A file that is a terminal, and one that is none.
class ColorTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("NO_COLOR");
    controller_ = posix_openpt(O_RDWR | O_NOCTTY);
    ASSERT_GE(controller_, 0);
    ASSERT_EQ(grantpt(controller_), 0);
    ASSERT_EQ(unlockpt(controller_), 0);
    terminal_ = open(ptsname(controller_), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal_, 0);
    file_ = open("/dev/null", O_WRONLY);
  }

  void TearDown() override {
    close(file_);
    close(terminal_);
    close(controller_);
    unsetenv("NO_COLOR");
  }

  int controller_ = -1;
  int terminal_ = -1;
  int file_ = -1;
};

TEST_F(ColorTest, OnTerminalsOnly) {
  EXPECT_TRUE(UsesColor("auto", terminal_));
  EXPECT_FALSE(UsesColor("auto", file_));
}

TEST_F(ColorTest, NoColorIsRespectedUnlessEmpty) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(UsesColor("auto", terminal_));
  setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(UsesColor("auto", terminal_));
}

TEST_F(ColorTest, WhatIsAskedForCountsMore) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_TRUE(UsesColor("always", file_));
  EXPECT_FALSE(UsesColor("never", terminal_));
}

}  // namespace
}  // namespace strata
