/**
 * Layer collapse: makes a stack of transformer layers shallower and tells exactly what it did.
 *
 * <p>{@link org.laco.LayerCollapse} searches a {@link org.laco.stack.LayerStack} for layers to merge and returns a {@link
 * org.laco.CollapseResult} that holds the {@link org.laco.plan.CollapsePlan} found, a record of every step, and the collapsed stack.
 * Nothing below depends on this package.
 */
package org.laco;
