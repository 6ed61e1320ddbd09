//! Merging two organizations. Duplicates among what they hold stay; no merge of configurations is
//! documented.

use super::put_away::delete_plain;
use crate::engine::error::{EngineError, MergeRefusal};
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::RecordKind;
use crate::store::{Organization, RowId};

impl Engine {
    /// Moves everything of one organization to another and deletes it. RMM companies that stood for
    /// the source stand for the target then, and so does the source's link to a PSA (both inferred:
    /// without it the next sync would bring the source back). Quick notes do not move (documented).
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`], [`EngineError::Merge`] when both sync, when the source is the
    /// MSP's own or the target itself; [`EngineError::Account`] when the account cannot be written.
    pub fn merge(&mut self, source_id: RowId, target_id: RowId) -> Result<(), EngineError> {
        let reader = self.account.reader();
        let unknown = |id| EngineError::UnknownRecord {
            what: "organization",
            id,
        };
        let source = reader.get::<Organization>(source_id)?;
        let source = source.ok_or_else(|| unknown(source_id))?;
        if reader.get::<Organization>(target_id)?.is_none() {
            return Err(unknown(target_id));
        }
        let kind = RecordKind::Organization;
        let syncs = |id| self.syncing_link(kind, id).map(|link| link.is_some());
        let refusal = if source_id == target_id {
            Some((MergeRefusal::Itself, rules::MERGE))
        } else if source.value.is_primary {
            Some((MergeRefusal::Primary, rules::MERGE_PRIMARY))
        } else if syncs(source_id)? && syncs(target_id)? {
            Some((MergeRefusal::BothSync, rules::MERGE_BOTH_SYNC))
        } else {
            None
        };
        if let Some((reason, rule)) = refusal {
            self.acted(rule, kind, source_id, None);
            return Err(EngineError::Merge {
                source_id,
                target_id,
                reason,
            });
        }
        self.account.write(|writer| -> Result<(), EngineError> {
            writer.move_children(source_id, target_id)?;
            writer.move_companies(source_id, target_id)?;
            writer.move_links(kind, source_id, target_id)?;
            delete_plain::<Organization>(writer, source_id)
        })?;
        let detail = format!("into {target_id}");
        self.acted(rules::MERGE, kind, source_id, Some(detail));
        Ok(())
    }
}
