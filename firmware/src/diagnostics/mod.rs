//! What a person at the box sees and does: lights, button, technician's page, live line. All of it is pure.

pub mod button;
pub mod indicator;
pub mod live;
pub mod page;
