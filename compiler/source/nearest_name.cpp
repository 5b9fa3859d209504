#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

// Nobody mistypes a longer name letter by letter; and the time to compare grows with its square.
constexpr size_t kMaxLetters = 100;
// So many letters of a name can stand for it.
constexpr size_t kLeastBeginning = 4;

char Lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

// The letters of a word as bits, without case; other characters share what bits are left.
uint64_t LettersOf(std::string_view word) {
  uint64_t letters = 0;
  for (const char letter : word) letters |= uint64_t{1} << (static_cast<unsigned char>(Lower(letter)) % 64);
  return letters;
}

// How many letters must be put in, left out, replaced, or swapped with their neighbour to get from `a` to `b`; anything
// above `limit` if that is more than `limit`. (Optimal string alignment.) Letters are the same where `equal` says so.
template <typename Equal>
size_t Distance(std::string_view a, std::string_view b, size_t limit, Equal equal) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::array<std::array<uint8_t, 2 * kMaxLetters + 2>, 3> rows{};
  uint8_t* before_previous = rows[0].data();
  uint8_t* previous = rows[1].data();
  uint8_t* current = rows[2].data();
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = static_cast<uint8_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    // Beyond `limit` from the diagonal all is beyond `limit`.
    const size_t first = i > limit ? i - limit : 1;
    const size_t last = std::min(b.size(), i + limit);
    size_t smallest = first == 1 ? i : limit + 1;
    current[first - 1] = static_cast<uint8_t>(smallest);
    for (size_t j = first; j <= last; ++j) {
      const size_t above = j == i + limit ? limit + 1 : previous[j];
      const size_t replaced = previous[j - 1] + size_t{equal(a[i - 1], b[j - 1]) ? 0u : 1u};
      size_t distance = std::min({above + 1, current[j - 1] + size_t{1}, replaced});
      const bool swapped = i > 1 && j > 1 && equal(a[i - 1], b[j - 2]) && equal(a[i - 2], b[j - 1]);
      if (swapped) distance = std::min(distance, before_previous[j - 2] + size_t{1});
      current[j] = static_cast<uint8_t>(distance);
      smallest = std::min(smallest, distance);
    }
    if (smallest > limit) return limit + 1;
    std::swap(before_previous, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kMaxLetters) return {};
  // A name of one letter is meant only if its case is all that differs.
  const size_t limit = word.size() == 1 ? 0 : std::max<size_t>(1, word.size() / 3);
  const uint64_t letters_of_word = LettersOf(word);
  const auto is_same = [](char a, char b) { return a == b; };
  const auto is_same_letter = [](char a, char b) { return Lower(a) == Lower(b); };
  std::string_view nearest;
  size_t least_cost = 4 * (limit + 1);  // in quarters of a letter
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) continue;
    // Each letter that only one of the two has takes a change, and one change serves two of them at most.
    if (static_cast<size_t>(std::popcount(letters_of_word ^ LettersOf(candidate))) > 2 * limit) continue;
    const size_t letters = Distance(word, candidate, limit, is_same_letter);
    if (letters > limit || 4 * letters > least_cost) continue;
    const bool case_differs = Distance(word, candidate, letters, is_same) > letters;
    // The first letter is the one that is least often mistyped.
    const bool first_differs = !is_same_letter(word.front(), candidate.front());
    const size_t cost = 4 * letters + (case_differs ? 2 : 0) + (first_differs ? 1 : 0);
    if (cost >= least_cost) continue;
    nearest = candidate;
    least_cost = cost;
  }
  if (!nearest.empty() || word.size() < kLeastBeginning) return nearest;
  // The beginning of one name and of no other.
  const auto begins = [&](std::string_view candidate) {
    return candidate.size() > word.size() && std::ranges::equal(word, candidate.substr(0, word.size()), is_same_letter);
  };
  if (std::ranges::count_if(candidates, begins) != 1) return {};
  return *std::ranges::find_if(candidates, begins);
}

}  // namespace strata
