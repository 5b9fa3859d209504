// The reference of layers and functions, made from their table: docs/layers.md, and what `strata explain Conv2D` prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// The page of a layer, a function or an activation, in Markdown; also of a layer that Strata does not have. Nothing where
// there is nothing of that name.
std::optional<std::string> ReferencePage(std::string_view name);
// Every name that has a page.
std::vector<std::string_view> ReferenceNames();
// A line for each layer and function: its name and what it does.
std::string ReferenceList();
// All pages.
std::string ReferenceMarkdown();

}  // namespace strata
