// Calls of compiled models: from many threads, through the pool of a caller, in any floating-point mode, with wrong
// arguments, and with memory whose neighbours may not be touched.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>

#include "tests/abi/support.h"

namespace strata::testing {
namespace {

// Adds what is too small to be a normal number, and multiplies to one.
constexpr const char* kTiny =
    "model tiny(a: f32[batch, features: 21], b: f32[batch, features: 21])\n"
    "    -> (sum: f32[batch, features: 21], product: f32[batch, features: 21]) {\n"
    "  return (Add()(a, a), Multiply()(a, b))\n"
    "}\n";

// Memory between two pages that may not be touched.
class Guarded {
 public:
  enum class Place { Start, End };

  // `bytes` that begin where they may be touched first, or end where last.
  Guarded(int64_t bytes, Place place, int fill) : bytes_(static_cast<size_t>(bytes)) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    inner_ = (bytes_ + page - 1) / page * page;
    mapped_ = inner_ + 2 * page;
    void* start = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::runtime_error("mmap failed");
    start_ = static_cast<char*>(start);
    pages_ = start_ + page;
    if (inner_ > 0 && mprotect(pages_, inner_, PROT_READ | PROT_WRITE) != 0)
      throw std::runtime_error("mprotect failed");
    if (inner_ > 0) std::memset(pages_, kUntouched, inner_);
    data_ = pages_ + (place == Place::Start ? 0 : inner_ - bytes_);
    if (bytes_ > 0) std::memset(data_, fill, bytes_);
  }
  ~Guarded() { munmap(start_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  void* Data() { return data_; }
  float* Floats() { return reinterpret_cast<float*>(data_); }
  void MakeReadOnly() {
    if (inner_ > 0 && mprotect(pages_, inner_, PROT_READ) != 0) throw std::runtime_error("mprotect failed");
  }
  // Whether the rest of the pages is as it was.
  bool RestIsUntouched() const {
    const auto untouched = [](char byte) { return byte == kUntouched; };
    return std::all_of(pages_, data_, untouched) && std::all_of(data_ + bytes_, pages_ + inner_, untouched);
  }

 private:
  static constexpr char kUntouched = 0x5A;
  size_t bytes_;
  size_t inner_;
  size_t mapped_;
  char* start_;
  char* pages_;
  char* data_;
};

TEST(GuardedDeathTest, EndsAProgramThatTouchesWhatLiesOutside) {
  for (const int64_t bytes : {0, 4, 4096, 5000}) {
    Guarded at_end(bytes, Guarded::Place::End, 1);
    Guarded at_start(bytes, Guarded::Place::Start, 1);
    EXPECT_TRUE(at_end.RestIsUntouched());
    EXPECT_DEATH(static_cast<volatile char*>(at_end.Data())[bytes] = 1, "");
    EXPECT_DEATH(static_cast<volatile char*>(at_start.Data())[-1] = 1, "");
  }
  Guarded four(4, Guarded::Place::End, 1);
  static_cast<char*>(four.Data())[-1] = 1;
  EXPECT_FALSE(four.RestIsUntouched());
}

// The same inputs for the same batch, whatever else is different.
void FillInput(float* values, int64_t count, size_t number) {
  std::mt19937 random(static_cast<uint32_t>(number + 1));
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (int64_t k = 0; k < count; ++k) values[k] = uniform(random);
}

// All outputs of one call, in memory of its own.
class Call {
 public:
  Call(const LoadedModel& model, int64_t batch, Guarded::Place place = Guarded::Place::End, int fill = 0)
      : model_(model), batch_(batch) {
    const std::vector<int64_t> elements = model.Elements(batch);
    const size_t inputs = static_cast<size_t>(model.Descriptor().input_count);
    for (size_t k = 0; k < elements.size(); ++k) {
      memory_.push_back(std::make_unique<Guarded>(elements[k] * 4, place, fill));
      if (k < inputs) {
        FillInput(memory_[k]->Floats(), elements[k], k);
        memory_[k]->MakeReadOnly();
        inputs_.push_back(memory_[k]->Data());
      } else {
        outputs_.push_back(memory_[k]->Data());
        output_bytes_.push_back(static_cast<size_t>(elements[k]) * 4);
      }
    }
    const int64_t bytes = model.Descriptor().workspace_size(&batch);
    EXPECT_GE(bytes, 0);
    memory_.push_back(std::make_unique<Guarded>(bytes, place, fill));
    workspace_ = memory_.back()->Data();
  }

  int32_t Run(const strata_parallel* parallel = nullptr) {
    return model_.Run(batch_, inputs_, outputs_, workspace_, parallel);
  }
  std::string Outputs() const {
    std::string bytes;
    for (size_t k = 0; k < outputs_.size(); ++k) bytes.append(static_cast<const char*>(outputs_[k]), output_bytes_[k]);
    return bytes;
  }
  bool RestIsUntouched() const {
    return std::all_of(memory_.begin(), memory_.end(), [](const auto& memory) { return memory->RestIsUntouched(); });
  }

  std::vector<const void*> inputs_;
  std::vector<void*> outputs_;
  void* workspace_;

 private:
  const LoadedModel& model_;
  int64_t batch_;
  std::vector<std::unique_ptr<Guarded>> memory_;
  std::vector<size_t> output_bytes_;
};

// A pool that splits every range at odd places, runs the parts backwards on three threads, and counts calls.
class OddPool {
 public:
  strata_parallel Hook() { return {this, ParallelFor}; }
  int64_t calls = 0;
  bool mode_kept = true;

 private:
  static void ParallelFor(void* self, int64_t count, strata_task task, void* context) {
    auto& pool = *static_cast<OddPool*>(self);
    ++pool.calls;
    std::vector<std::pair<int64_t, int64_t>> ranges;
    for (int64_t begin = 0, size = 1; begin < count; size += 2) {
      ranges.emplace_back(begin, std::min(count, begin + size));
      begin += size;
    }
    std::reverse(ranges.begin(), ranges.end());
    std::atomic<size_t> next = 0;
    std::atomic<bool> kept = true;
    const auto work = [&](unsigned mode) {
      _mm_setcsr(mode);
      for (size_t k = next++; k < ranges.size(); k = next++) task(context, ranges[k].first, ranges[k].second);
      if (_mm_getcsr() != mode) kept = false;
    };
    const unsigned before = _mm_getcsr();
    std::thread up(work, _MM_MASK_MASK | _MM_ROUND_UP);
    std::thread down(work, _MM_MASK_MASK | _MM_ROUND_DOWN);
    work(before);
    up.join();
    down.join();
    pool.mode_kept = pool.mode_kept && kept;
  }
};

class Models : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!ProcessorRuns(GetParam())) GTEST_SKIP() << "this processor does not run " << GetParam();
    folder_.Write("tiny.strata", kTiny);
  }

  LoadedModel Load(const std::string& file) const { return LoadedModel(file, GetParam()); }
  std::vector<std::string> AllFiles() const { return {kDigits, kLayers, folder_ / "tiny.strata"}; }

  Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Targets, Models, ::testing::ValuesIn(kTargets), [](const auto& test) { return test.param; });

TEST_P(Models, EightThreadsAtOnceGiveTheSameBits) {
  const LoadedModel model = Load(kLayers);
  Call first(model, 31);
  ASSERT_EQ(first.Run(), STRATA_OK);
  const std::string expected = first.Outputs();
  std::atomic<int> different = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      OddPool pool;
      const strata_parallel hook = pool.Hook();
      for (int round = 0; round < 4; ++round) {
        Call call(model, 31);
        if (call.Run(thread % 2 == 0 ? nullptr : &hook) != STRATA_OK || call.Outputs() != expected) ++different;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(different, 0);
}

TEST_P(Models, AnyOrderOfTasksGivesTheSameBits) {
  for (const std::string& file : {kDigits, kLayers}) {
    const LoadedModel model = Load(file);
    Call alone(model, 61);
    ASSERT_EQ(alone.Run(), STRATA_OK);
    OddPool pool;
    const strata_parallel hook = pool.Hook();
    Call together(model, 61);
    ASSERT_EQ(together.Run(&hook), STRATA_OK);
    EXPECT_GT(pool.calls, 0) << file << ": no step was large enough to be shared";
    EXPECT_TRUE(pool.mode_kept) << file;
    EXPECT_TRUE(alone.Outputs() == together.Outputs()) << file;
  }
}

TEST_P(Models, KeepTheCallersFloatingPointModeAndIgnoreIt) {
  const LoadedModel model = Load(kLayers);
  Call call(model, 3);
  ASSERT_EQ(call.Run(), STRATA_OK);
  const std::string expected = call.Outputs();
  const unsigned before = _mm_getcsr();
  // Rounding towards 0, an exception flag that stands, a division by 0 that would trap.
  const unsigned odd = (_MM_MASK_MASK & ~_MM_MASK_DIV_ZERO) | _MM_ROUND_TOWARD_ZERO | _MM_EXCEPT_OVERFLOW;
  _mm_setcsr(odd);
  const int32_t code = call.Run();
  const unsigned after = _mm_getcsr();
  const int32_t failed = model.Run(-1, call.inputs_, call.outputs_, call.workspace_);
  const unsigned after_failure = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(code, STRATA_OK);
  EXPECT_EQ(after, odd);
  EXPECT_EQ(failed, STRATA_BAD_SIZE);
  EXPECT_EQ(after_failure, odd);
  EXPECT_TRUE(call.Outputs() == expected);
}

TEST_P(Models, TakeDenormalsForZero) {
  const LoadedModel model = Load(folder_ / "tiny.strata");
  std::vector<float> a(21, 1e-39F);
  std::vector<float> b(21, 1e20F);
  a[20] = 1e-30F;
  b[20] = 1e-10F;
  std::vector<float> sum(21, 1);
  std::vector<float> product(21, 1);
  alignas(64) char workspace[4096];
  const int64_t batch = 1;
  ASSERT_LE(model.Descriptor().workspace_size(&batch), 4096);
  ASSERT_EQ(model.Run(1, {a.data(), b.data()}, {sum.data(), product.data()}, workspace), STRATA_OK);
  EXPECT_EQ(sum[0], 0);  // a denormal argument
  EXPECT_EQ(product[0], 0);
  EXPECT_EQ(sum[20], 2e-30F);
  EXPECT_EQ(product[20], 0);    // a denormal result
  EXPECT_NE(1e-39F * b[0], 0);  // this program's own mode
}

TEST_P(Models, SayWhatIsWrongWithACall) {
  for (const std::string& file : AllFiles()) {
    const LoadedModel model = Load(file);
    const strata_model& descriptor = model.Descriptor();
    Call call(model, 2, Guarded::Place::Start);
    const std::string untouched = call.Outputs();
    const auto run = [&](int64_t batch) { return model.Run(batch, call.inputs_, call.outputs_, call.workspace_); };
    for (const int64_t batch : {int64_t{-1}, INT64_MIN, int64_t{1} << 62, INT64_MAX}) {
      EXPECT_EQ(run(batch), STRATA_BAD_SIZE) << file << " " << batch;
      EXPECT_EQ(descriptor.workspace_size(&batch), -STRATA_BAD_SIZE) << file << " " << batch;
    }
    EXPECT_EQ(model.Run(2, call.inputs_, call.outputs_, static_cast<char*>(call.workspace_) + 32), STRATA_MISALIGNED);
    for (size_t k = 0; k < call.inputs_.size(); ++k) {
      auto inputs = call.inputs_;
      inputs[k] = nullptr;
      EXPECT_EQ(model.Run(2, inputs, call.outputs_, call.workspace_), STRATA_NULL_POINTER) << file << " input " << k;
    }
    for (size_t k = 0; k < call.outputs_.size(); ++k) {
      auto outputs = call.outputs_;
      outputs[k] = nullptr;
      EXPECT_EQ(model.Run(2, call.inputs_, outputs, call.workspace_), STRATA_NULL_POINTER) << file << " output " << k;
    }
    const int64_t batch = 2;
    EXPECT_EQ(model.Run(2, call.inputs_, call.outputs_, nullptr),
              descriptor.workspace_size(&batch) > 0 ? STRATA_NULL_POINTER : STRATA_OK);
    EXPECT_TRUE(descriptor.workspace_size(&batch) == 0 || call.Outputs() == untouched) << file;

    const std::vector<const void*> no_inputs(call.inputs_.size());
    const std::vector<void*> no_outputs(call.outputs_.size());
    EXPECT_EQ(model.Run(0, no_inputs, no_outputs, nullptr), STRATA_OK) << file;
  }
}

TEST_P(Models, CutTheirErrorTextToTheBuffer) {
  const LoadedModel model = Load(kDigits);
  const auto error_text = model.Descriptor().error_text;
  const std::map<int32_t, std::string> texts = {
      {STRATA_OK, "no error"},
      {STRATA_NULL_POINTER, "an array or the workspace is NULL"},
      {STRATA_BAD_SIZE, "a size is negative or too large"},
      {STRATA_MISALIGNED, "the workspace is not aligned to 64 bytes"},
      {STRATA_UNSUPPORTED_CPU,
       "this processor lacks the instructions (" + GetParam() + ") that the model was compiled for"},
      {STRATA_FIRST_GUARD, "unknown error code"},
      {-1, "unknown error code"}};
  for (const auto& [code, text] : texts) {
    const int64_t length = static_cast<int64_t>(text.size());
    EXPECT_EQ(error_text(code, nullptr, 0), length);
    EXPECT_EQ(error_text(code, nullptr, -1), length);
    for (int64_t size = 1; size <= length + 2; ++size) {
      Guarded buffer(size, Guarded::Place::End, '?');
      EXPECT_EQ(error_text(code, static_cast<char*>(buffer.Data()), size), length);
      EXPECT_EQ(static_cast<const char*>(buffer.Data()), text.substr(0, static_cast<size_t>(size - 1)));
      EXPECT_TRUE(buffer.RestIsUntouched());
    }
  }
}

TEST_P(Models, AskForAWorkspaceOfWholeCacheLines) {
  for (const std::string& file : AllFiles()) {
    const LoadedModel model = Load(file);
    EXPECT_EQ(model.Descriptor().alignment, 64U);
    for (int64_t batch = 0; batch <= 40; ++batch) {
      const int64_t bytes = model.Descriptor().workspace_size(&batch);
      EXPECT_GE(bytes, 0) << file << " " << batch;
      EXPECT_EQ(bytes % 64, 0) << file << " " << batch;
    }
  }
}

// A touch beyond an array ends this test with a segmentation fault.
TEST_P(Models, TouchOnlyTheMemoryTheyAreGiven) {
  for (const std::string& file : AllFiles()) {
    const LoadedModel model = Load(file);
    for (const int64_t batch : {0, 1, 2, 13, 14, 15, 31}) {
      // What the memory held before makes no difference: 0, or NaN.
      Call at_end(model, batch, Guarded::Place::End, 0);
      Call at_start(model, batch, Guarded::Place::Start, 0xFF);
      EXPECT_EQ(at_end.Run(), STRATA_OK);
      EXPECT_EQ(at_start.Run(), STRATA_OK);
      EXPECT_TRUE(at_end.RestIsUntouched() && at_start.RestIsUntouched()) << file << " " << batch;
      EXPECT_TRUE(at_end.Outputs() == at_start.Outputs()) << file << " " << batch;
      OddPool pool;
      const strata_parallel hook = pool.Hook();
      Call shared(model, batch, Guarded::Place::End, 0xFF);
      EXPECT_EQ(shared.Run(&hook), STRATA_OK);
      EXPECT_TRUE(shared.RestIsUntouched() && shared.Outputs() == at_end.Outputs()) << file << " " << batch;
    }
  }
}

}  // namespace
}  // namespace strata::testing
