// Starts a program in a folder and waits for it, with all it prints.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace strata::testing {

struct Process {
  std::vector<std::string> arguments;  // the program's path first
  std::string directory;               // where it runs
  std::string input = "/dev/null";     // what it reads as standard input; relative to this process' folder
  std::chrono::seconds limit{60};      // it and all it started are killed then
};

struct ProcessResult {
  int status = -1;  // what it exited with; -1 if it did not exit by itself
  int signal = 0;   // what ended it, SIGKILL where the limit did
  bool timed_out = false;
  double seconds = 0;
  int64_t peak_bytes = 0;  // the most memory that it, or a process that it waited for, had at once
  std::string output;      // standard output
  std::string errors;      // standard error
};

// The whole of an open file; closes it.
inline std::string ReadAndClose(int file) {
  std::string text;
  char buffer[1 << 16];
  lseek(file, 0, SEEK_SET);
  for (ssize_t size = 0; (size = read(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(size));
  close(file);
  return text;
}

// Throws where the program cannot be started.
inline ProcessResult RunProcess(const Process& process) {
  // Files in memory: no pipe can fill up.
  const int output = memfd_create("output", MFD_CLOEXEC);
  const int errors = memfd_create("errors", MFD_CLOEXEC);
  const std::string input = std::filesystem::absolute(process.input);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, process.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::vector<char*> arguments;
  for (const std::string& argument : process.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    close(output);
    close(errors);
    throw std::runtime_error("cannot start " + process.arguments[0] + ": " + strerror(error));
  }

  ProcessResult result;
  int status = 0;
  struct rusage usage{};
  while (wait4(child, &status, WNOHANG, &usage) == 0) {
    if (std::chrono::steady_clock::now() - start > process.limit) {
      result.timed_out = true;
      kill(-child, SIGKILL);
      wait4(child, &status, 0, &usage);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.peak_bytes = int64_t{usage.ru_maxrss} * 1024;
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.output = ReadAndClose(output);
  result.errors = ReadAndClose(errors);
  return result;
}

// The compiler that is tested. Throws where the environment does not name it.
inline std::string StrataProgram() {
  const char* folder = std::getenv("STRATA_BINARY_DIR");
  if (folder == nullptr) throw std::runtime_error("STRATA_BINARY_DIR, the build folder, is not set");
  return std::filesystem::absolute(std::filesystem::path(folder) / "bin" / "strata");
}

}  // namespace strata::testing
