// Looks whether a database is whole: what the database says of itself, every declared table, column and index, every
// row readable in canonical form, every reference, every promise of `rules`, every stream of the journal without gap.
//
// One thread; one snapshot, nothing is changed.
#pragma once

#include <string>

#include "house_session.h"

namespace tutti::storage {

// {"findings":[sentence,...],"tables","rows","streams","events"}; at most 200 findings.
Result<std::string> CheckIntegrity(Driver& driver, const HouseAsker& asker);

}  // namespace tutti::storage
