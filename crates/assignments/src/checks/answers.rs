//! Every question, in order.

use super::Check;
use crate::assignment::Question;
use crate::case::Case;
use crate::grade::{Part, Status};
use crate::points::Points;
use crate::questions::{Key, Mark};
use crate::text::trimmed;

/// One part for each question.
pub struct Answers;

impl Check for Answers {
    fn key(&self) -> &'static str {
        "question"
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let questions = case.assignment.questions.iter().zip(&case.solution.keys);
        questions.map(|(question, key)| self.part(case, question, key.as_ref())).collect()
    }
}

impl Answers {
    fn part(&self, case: &Case, question: &Question, key: &dyn Key) -> Part {
        let by_hand = question.asked.by_hand();
        let max = if by_hand { Points::ZERO } else { question.points };
        let part = Part {
            by_hand: if by_hand { question.points } else { Points::ZERO },
            note: format!("{}: {}", if by_hand { "a good answer says" } else { "right is" }, key.right(case.report())),
            ..Part::passed(format!("{}:{}", self.key(), question.id), question.id.clone(), max)
        };
        let Some(submission) = case.accepted() else { return part.refused() };
        let Some(answer) = submission.answers.get(&question.id) else { return part.failed("not answered") };
        match key.mark(answer, case.report()) {
            Mark::Right => part.saying("right"),
            Mark::Wrong(why) => part.failed(why),
            Mark::ByHand => {
                let said = format!("the answer was \"{}\"; {}", trimmed(answer.as_str().unwrap_or_default()), part.note);
                Part { status: Status::ByHand, note: said, ..part }.saying("marked by a person")
            }
        }
    }
}
