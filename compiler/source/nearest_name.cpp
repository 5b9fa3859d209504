#include <algorithm>
#include <array>

#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

// Nobody mistypes a longer name letter by letter; and the time to compare grows with its square.
constexpr size_t kMaxLetters = 100;

char Lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

std::string Lower(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) { return Lower(letter); });
  return lower;
}

// How many letters must be put in, left out, replaced, or swapped with their neighbour to get from `a` to `b`; anything
// above `limit` if that is more than `limit`. (Optimal string alignment.)
size_t Distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  using Row = std::array<size_t, 2 * kMaxLetters + 1>;
  Row before_previous{}, previous{}, current{};
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    size_t smallest = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_previous[j - 2] + 1);
      smallest = std::min(smallest, current[j]);
    }
    if (smallest > limit) return limit + 1;
    before_previous = previous;
    previous = current;
  }
  return previous[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kMaxLetters) return {};
  const std::string lower_word = Lower(word);
  // A name of one letter is meant only if its case is all that differs.
  const size_t limit = word.size() == 1 ? 0 : std::max<size_t>(1, word.size() / 3);
  std::string_view nearest;
  size_t nearest_half_letters = 2 * limit + 2;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > word.size() + limit) continue;
    const size_t letters = Distance(lower_word, Lower(candidate), limit);
    if (letters > limit || 2 * letters > nearest_half_letters) continue;
    const bool case_differs = Distance(word, candidate, letters) > letters;
    const size_t half_letters = 2 * letters + (case_differs ? 1 : 0);
    if (half_letters >= nearest_half_letters) continue;
    nearest = candidate;
    nearest_half_letters = half_letters;
  }
  return nearest;
}

}  // namespace strata
