//! kinit
